package ingest

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

func TestPostSaysWhatBecameOfEachLine(t *testing.T) {
	long := strings.Repeat("x", 1100)
	tests := []struct {
		name                                 string
		body                                 string
		accepted, persisted, dead, filtered_ int64
		errors                               []pipeline.LineError
	}{
		{"nothing", "", 0, 0, 0, 0, nil},
		{"blank lines", "\n \r\n\n", 0, 0, 0, 0, nil},
		{"one record", "{}\n", 1, 1, 0, 0, nil},
		{"a last line without its end", "{}\n{}", 2, 2, 0, 0, nil},
		{"a dead and a filtered one", "{}\n\n{\"filter\":1}\nno\n{}\n", 4, 2, 1, 1,
			[]pipeline.LineError{{Line: 4, Code: pipeline.CodeNotJSON}}},
		{"a line that is too long", "{}\n" + long + "\n{}\n", 3, 2, 1, 0,
			[]pipeline.LineError{{Line: 2, Code: pipeline.CodeTooLong}}},
		{"a line longer than any buffer", "{}\n" + strings.Repeat(long, 200) + "\r\n{}\n{}", 4, 3, 1, 0,
			[]pipeline.LineError{{Line: 2, Code: pipeline.CodeTooLong}}},
		{"two lines longer than any buffer", strings.Repeat(long, 100) + "\n" + strings.Repeat(long, 100), 2, 0, 2, 0,
			[]pipeline.LineError{{Line: 1, Code: pipeline.CodeTooLong}, {Line: 2, Code: pipeline.CodeTooLong}}},
		{"many records", numberedBody("n", 20_000), 20_000, 20_000, 0, 0, nil},
		{"a byte order mark", "\xEF\xBB\xBF{}\n", 1, 1, 0, 0, nil},
	}
	encodings := map[string]func(testing.TB, string) []byte{
		"": func(_ testing.TB, s string) []byte { return []byte(s) }, "identity": func(_ testing.TB, s string) []byte { return []byte(s) },
		"gzip": gzipped, "X-GZIP": gzipped, "zstd": zstded,
	}
	for _, tt := range tests {
		for encoding, encode := range encodings {
			t.Run(tt.name+" "+encoding, func(t *testing.T) {
				body := string(encode(t, tt.body))
				synctest.Test(t, func(t *testing.T) {
					s := serve(t, NewBodies(Config{Rule: pipeline.DefaultLaneRule(), MaxRecordBytes: 1000}, BodyLimits{}), &bodySink{})
					for _, r := range []io.Reader{
						strings.NewReader(body), iotest.HalfReader(strings.NewReader(body)), iotest.DataErrReader(strings.NewReader(body)),
					} {
						got, err := s.bodies.Post(t.Context(), r, pipeline.PostOptions{Encoding: encoding, Timeout: time.Minute})
						if err != nil {
							t.Fatal(err)
						}
						wantCounts(t, got, tt.accepted, tt.persisted, tt.dead, tt.filtered_)
						for i := range got.Errors {
							got.Errors[i].Message, got.Errors[i].Pointer = "", ""
						}
						if len(got.Errors) != len(tt.errors) || len(tt.errors) > 0 && !reflect.DeepEqual(got.Errors, tt.errors) {
							t.Errorf("errors %+v, want %+v", got.Errors, tt.errors)
						}
						if len(got.Refused) > 0 || !got.Durable {
							t.Errorf("refused %v, durable %v", got.Refused, got.Durable)
						}
					}
					s.end()
				})
			})
		}
	}
}

func TestPostThatIsTurnedDownTakesNothing(t *testing.T) {
	tests := []struct {
		name, encoding, body string
		want                 error
		message              string
	}{
		{"an unknown encoding", "br", "{}\n", pipeline.ErrBadEncoding, `"br"; expected one of gzip and zstd`},
		{"two encodings", "gzip, zstd", "{}\n", pipeline.ErrBadEncoding, `"gzip, zstd"`},
		{"plain text called gzip", "gzip", numberedBody("n", 100), pipeline.ErrBadEncoding, "line 1: "},
		{"plain text called zstd", "zstd", numberedBody("n", 100), pipeline.ErrBadEncoding, "line 1: "},
		{"gzip that nobody called so", "", string(gzipped(t, "{}\n")), pipeline.ErrBadEncoding, "Content-Encoding: gzip"},
		{"zstd that nobody called so", "identity", string(zstded(t, "{}\n")), pipeline.ErrBadEncoding, "Content-Encoding: zstd"},
		{"a zstd window that is too large", "zstd", string(windowed("{}\n", 24)), pipeline.ErrBadEncoding, "window"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
				got, err := s.post(tt.body, pipeline.PostOptions{Encoding: tt.encoding, Timeout: time.Minute})
				if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.message) {
					t.Errorf("error %v, want %v that says %q", err, tt.want, tt.message)
				}
				wantCounts(t, got, 0, 0, 0, 0)
				if l := s.end(); l.Accepted != 0 {
					t.Errorf("accepted %d", l.Accepted)
				}
			})
		})
	}
}
