package sqlite

// Operations of a transaction that tests fail by name.
const (
	opBegin    = "begin"
	opCommit   = "commit"
	opRollback = "rollback"
	opLook     = "look" // reading the progress back
)

// moment is when a fault strikes.
type moment bool

const (
	before moment = false // the operation is not done
	after  moment = true  // it is done, and its answer is lost
)

// faults are for tests: they fail operations by name. The nil one fails none.
type faults struct {
	operation string
	in        int // calls until it strikes
	at        moment
	err       error
	next      *faults // takes over when this one has struck
}

// failing has the n-th call of an operation, and no other, return err.
func failing(operation string, n int, at moment, err error) *faults {
	return &faults{operation: operation, in: n, at: at, err: err}
}

// around does an operation.
func (f *faults) around(operation string, do func() error) error {
	for f != nil && f.in == 0 {
		f = f.next
	}
	if f == nil || f.operation != operation {
		return do()
	}
	if f.in--; f.in > 0 {
		return do()
	}
	if f.at == after {
		if err := do(); err != nil {
			return err
		}
	}
	return f.err
}
