// Package validate is the pipeline's first stage: it lets through what is one
// JSON object that fits a JSON Schema, and makes everything else a dead letter
// that says what was found, where, and what was expected.
//
// # Checks
//
// In order, the first that fails decides the reason code:
//
//   - the line is one JSON text of at most the configured depth (not_json,
//     invalid_utf8, too_deep)
//   - the text is an object (not_object)
//   - no object in it has a key twice, if that is asked for (duplicate_key);
//     otherwise the last one counts, in every stage
//   - the object fits the schema (schema)
//   - it has the fields that its lane asks for (required)
//   - no rule names a fault of it (rule)
//   - its timestamp is neither too old nor too far ahead (too_old, in_future)
//   - no record with the same key came before (duplicate, or filtered); last, so
//     that only records that are otherwise valid enter the window
//
// Lines that are too long never get here. All records of a batch are checked as
// of one time. See packages rules and dedupe for what the checks mean.
//
// # Schemas
//
// The drafts are 2020-12, 2019-09, 7, 6 and 4, chosen by $schema; a schema that
// names none is taken as the one that refers to it, otherwise as 2020-12.
// References lead to files relative to the schema's own place, to the folders of
// Options.Remotes, or to the metaschemas; nothing is ever fetched from a
// network. The keyword format is an annotation, unless Options.Format or a
// metaschema of 2019-09 or later asks for the assertion. Formats and patterns are
// those of package format: patterns need time linear in the text.
//
// # Limits
//
// Numbers have no limit and are compared exactly. The exception is a part of a
// schema that takes the slow way (see package schema): there a number spelled
// with more than 1,000 bytes or with an exponent beyond 400 either way is
// refused (code schema), because the library's arithmetic on it costs far more
// than its length.
package validate
