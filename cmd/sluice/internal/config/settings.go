package config

import (
	"fmt"
	"reflect"
)

// Settings are the settings that can be given beside the file, one by one. nil
// means not given. The tags say as what: env names the variable after its
// prefix, flag the flag, key the key of the file, and usage describes it.
// One without a flag has no usage.
type Settings struct {
	Sink           *string   `env:"SINK" flag:"sink" key:"persist.sink" usage:"where rows go: sqlite://events.db, postgres://user@host/database, ndjson://out.ndjson or stdout://" value:"URL"`
	Table          *string   `flag:"table" key:"persist.table" usage:"table for the rows" value:"NAME"`
	Schema         *string   `flag:"schema" key:"validate.schema" usage:"JSON Schema that every record must satisfy" value:"FILE"`
	LaneField      *string   `flag:"lane-field" key:"source.lane.field" usage:"field that chooses a record's lane; without a map in the file, names of lanes and log levels do" value:"PATH"`
	DeadLetters    *string   `env:"DEAD_LETTERS" flag:"dead-letters" key:"dead_letters" usage:"file for dead letters, instead of the table beside the rows" value:"FILE"`
	Synchronous    *string   `env:"SYNCHRONOUS" flag:"synchronous" key:"persist.synchronous" usage:"how SQLite syncs: off, normal, full or extra" value:"MODE"`
	Follow         *nameList `env:"FOLLOW" key:"source.follow"`
	Budget         *Size     `env:"BUDGET" flag:"budget" key:"budget" usage:"memory for records on their way" value:"SIZE"`
	MaxRecordBytes *Size     `env:"MAX_RECORD_BYTES" flag:"max-record-bytes" key:"source.max_record_bytes" usage:"longer lines become dead letters" value:"SIZE"`
	DrainTimeout   *Duration `env:"DRAIN_TIMEOUT" flag:"drain-timeout" key:"drain_timeout" usage:"how long a stop may take to finish what was read" value:"TIME"`
	Listen         *string   `env:"LISTEN" flag:"listen" key:"control.listen" usage:"address of the control API, or off (default 127.0.0.1:7420)" value:"ADDRESS"`
	TokenFile      *string   `env:"TOKEN_FILE" flag:"token-file" key:"control.token_file" usage:"file with the token of the control API, where SLUICE_TOKEN does not give it" value:"FILE"`
}

// setting is one field of Settings with its tags.
type setting struct {
	value reflect.Value // of the field, a pointer
	tag   reflect.StructTag
}

func (s *Settings) each(visit func(setting)) {
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		visit(setting{value: v.Field(i), tag: v.Type().Field(i).Tag})
	}
}

// apply lays the settings that were given over the configuration. origin says
// what a setting is called where it came from; origins learns it by key.
func (c *Config) apply(s *Settings, origin func(reflect.StructTag) string, origins map[string]string) {
	s.each(func(field setting) {
		if field.value.IsNil() {
			return
		}
		key := field.tag.Get("key")
		target, ok := c.field(key)
		if !ok {
			panic(fmt.Sprintf("config: no field for the key %s", key))
		}
		target.Set(field.value.Elem().Convert(target.Type()))
		origins[key] = origin(field.tag)
	})
}

// field returns the field that has a dotted key.
func (c *Config) field(key string) (reflect.Value, bool) {
	v := reflect.ValueOf(c).Elem()
	for _, name := range splitKey(key) {
		next, ok := fieldOf(v, name)
		if !ok {
			return v, false
		}
		v = next
	}
	return v, true
}
