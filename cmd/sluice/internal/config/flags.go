package config

import (
	"encoding"
	"reflect"

	"github.com/spf13/pflag"
)

// Register defines a flag for every setting that has one; parsing the flags
// fills s.
func (s *Settings) Register(flags *pflag.FlagSet) {
	s.each(func(field setting) {
		if field.tag.Get("flag") == "" {
			return
		}
		flags.Var(&flagValue{field}, field.tag.Get("flag"), field.tag.Get("usage"))
	})
}

func flagName(tag reflect.StructTag) string { return "--" + tag.Get("flag") }

// flagValue sets the field of a setting from the text of a flag.
type flagValue struct{ setting }

// Set implements pflag.Value.
func (f *flagValue) Set(text string) error {
	v := reflect.New(f.value.Type().Elem())
	if u, ok := v.Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return err
		}
	} else {
		v.Elem().SetString(text)
	}
	f.value.Set(v)
	return nil
}

// String implements pflag.Value. A setting that is not given shows no default:
// what holds then is the file's to say.
func (f *flagValue) String() string { return "" }

// Type implements pflag.Value; help prints it for the value.
func (f *flagValue) Type() string { return f.tag.Get("value") }
