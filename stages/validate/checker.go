package validate

import (
	"strconv"

	"sluice/pipeline"
)

// Checker decides whether a record's root fits a schema. It works on the
// record's index, so that an implementation need decode nothing. Check is
// called by many goroutines at once and keeps nothing of root after it returns.
// It returns nil for what fits; a Failure is made only for what does not.
// CheckAll is Check with the other failures as well.
type Checker interface {
	Check(root pipeline.Value) *Failure
	CheckAll(root pipeline.Value) *Failure
}

// MaxFailures is how many failures of one record are told.
const MaxFailures = 20

// Failure says where a record does not fit its schema, and why. Of several
// places one is told, the same each time. All texts are bounded but Pointer,
// which is as long as the keys on its way.
type Failure struct {
	Pointer string // JSON Pointer to the value at fault, "" for the whole record
	Keyword string // where the schema says so: "#/properties/status/maximum", after a file name when that is not the schema's own
	Message string // a sentence for a person: what was found and what was expected

	Others []*Failure // with CheckAll: what else is wrong, without Others of their own
	More   int        // how many failures are not told, at least
}

// Error implements error.
func (f *Failure) Error() string {
	if f.Keyword == "" {
		return f.Message
	}
	return f.Message + " (" + f.Keyword + ")"
}

// AppendErrors appends the failure and the others as a JSON array of objects with
// pointer, keyword and message; where some are not told, an object with their
// number as more ends it.
func (f *Failure) AppendErrors(dst []byte) []byte {
	dst = f.appendJSON(append(dst, '['))
	for _, other := range f.Others {
		dst = other.appendJSON(append(dst, ','))
	}
	if f.More > 0 {
		dst = append(strconv.AppendInt(append(dst, `,{"more":`...), int64(f.More), 10), '}')
	}
	return append(dst, ']')
}

func (f *Failure) appendJSON(dst []byte) []byte {
	for _, member := range []struct{ name, value string }{
		{`{"pointer":`, f.Pointer}, {`,"keyword":`, f.Keyword}, {`,"message":`, f.Message},
	} {
		dst = append(append(dst, member.name...), encode(member.value)...)
	}
	return append(dst, '}')
}
