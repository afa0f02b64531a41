package expression

import (
	"bytes"
	"time"

	"github.com/expr-lang/expr/vm"

	"sluice/pipeline"
)

// Machine evaluates programs. It holds the memory that evaluations need and
// is used again for each record; one goroutine at a time.
type Machine struct {
	record  *pipeline.Record
	program *Program
	slots   []slot
	round   uint64 // of the present evaluation; a slot of another is stale
	scratch []byte // unescaped and joined texts of the present evaluation
	steps   int    // predicates that the present evaluation has run
	vm      vm.VM

	// At is what now() is; the zero Time leaves each evaluation to look at the
	// clock, once, when it comes to now(). Who evaluates many records together
	// sets it for all of them.
	At      time.Time
	looked  time.Time // at the clock
	inRound uint64    // when looked was set
}

// slot keeps a field that the present evaluation has read.
type slot struct {
	round  uint64
	result Result
	value  pipeline.Value
}

// Eval evaluates p on r. A failure is an error whose text says why, with the
// column in the expression; it is no *RecordError, because the machine does not
// know the target. A missing or null field is no failure but KindMissing.
func (m *Machine) Eval(p *Program, r *pipeline.Record) (Result, error) {
	m.begin(p, r)
	if p.fast != nil {
		if result := p.fast(m); result.Kind != kindBail && result.Kind < kindList {
			return result, nil
		}
	}
	return m.evalVM(p)
}

func (m *Machine) begin(p *Program, r *pipeline.Record) {
	m.program, m.record = p, r
	m.round++
	m.scratch = m.scratch[:0]
	m.steps = 0
	for len(m.slots) < len(p.fields) {
		m.slots = append(m.slots, slot{})
	}
}

// Release lets go of the last record; the machine can be used again.
func (m *Machine) Release() {
	clear(m.slots)
	m.record, m.program = nil, nil
	if cap(m.scratch) > 1<<16 {
		m.scratch = nil
	}
}

// field returns field i: KindNull when it is missing or null.
func (m *Machine) field(i int) *slot {
	s := &m.slots[i]
	if s.round != m.round {
		m.load(i)
	}
	return s
}

// load reads field i into its slot; apart, so that field can be inlined.
func (m *Machine) load(i int) {
	s := &m.slots[i]
	s.round = m.round
	v := m.program.fields[i].read(m.record)
	s.result = m.scalar(v)
	s.value = v
}

func (m *Machine) scalar(v pipeline.Value) Result {
	switch v.Kind() {
	case pipeline.KindBool:
		b, _ := v.Bool()
		return boolResult(b)
	case pipeline.KindNumber:
		return number(v)
	case pipeline.KindString:
		return textResult(m.text(v))
	case pipeline.KindArray:
		return Result{Kind: kindList}
	case pipeline.KindObject:
		return Result{Kind: kindObject}
	}
	return Result{Kind: KindNull}
}

// text returns a string's characters, in the record itself where nothing is
// escaped.
func (m *Machine) text(v pipeline.Value) []byte {
	json := v.JSON()
	if bytes.IndexByte(json, '\\') < 0 {
		return json[1 : len(json)-1]
	}
	start := len(m.scratch)
	m.scratch = v.AppendText(m.scratch)
	return m.scratch[start:len(m.scratch):len(m.scratch)]
}

// join returns the concatenation of two texts.
func (m *Machine) join(a, b []byte) []byte {
	start := len(m.scratch)
	m.scratch = append(append(m.scratch, a...), b...)
	return m.scratch[start:len(m.scratch):len(m.scratch)]
}
