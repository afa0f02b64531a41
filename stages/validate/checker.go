package validate

import "sluice/pipeline"

// Checker decides whether a record's root fits a schema. It works on the
// record's index, so that an implementation need decode nothing. Check is
// called by many goroutines at once and keeps nothing of root after it returns.
// It returns nil for what fits; a Failure is made only for what does not.
type Checker interface {
	Check(root pipeline.Value) *Failure
}

// Failure says where a record does not fit its schema, and why. Of several
// places one is told, the same each time. All texts are bounded but Pointer,
// which is as long as the keys on its way.
type Failure struct {
	Pointer string // JSON Pointer to the value at fault, "" for the whole record
	Keyword string // where the schema says so: "#/properties/status/maximum", after a file name when that is not the schema's own
	Message string // a sentence for a person: what was found and what was expected
}

// Error implements error.
func (f *Failure) Error() string {
	if f.Keyword == "" {
		return f.Message
	}
	return f.Message + " (" + f.Keyword + ")"
}
