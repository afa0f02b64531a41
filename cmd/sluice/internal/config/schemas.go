package config

import (
	"maps"

	"sluice/stages/validate"
)

// Schemas chooses a record's schema by the value of a field.
type Schemas struct {
	By      string                 `yaml:"by"`
	Map     map[string]string      `yaml:"map"` // paths of schemas
	Default validate.UnknownSchema `yaml:"default"`
}

func (s *Schemas) config() *validate.Schemas {
	if s == nil {
		return nil
	}
	return &validate.Schemas{By: s.By, Map: s.Map, Default: s.Default}
}

// Files are the paths of all schemas that the configuration names.
func (v Validation) Files() []string {
	var files []string
	if v.Schema != "" {
		files = append(files, v.Schema)
	}
	if v.Schemas != nil {
		for _, path := range v.Schemas.Map {
			files = append(files, path)
		}
	}
	return files
}

// relativeTo makes the paths of the section relative to the working directory.
func (v *Validation) relativeTo(dir string) {
	v.Schema = underDir(dir, v.Schema)
	v.Remotes = allUnderDir(dir, v.Remotes)
	if v.Schemas != nil {
		schemas := *v.Schemas
		schemas.Map = allUnderDir(dir, schemas.Map)
		v.Schemas = &schemas
	}
}

func allUnderDir(dir string, paths map[string]string) map[string]string {
	under := maps.Clone(paths)
	for key, path := range under {
		under[key] = underDir(dir, path)
	}
	return under
}
