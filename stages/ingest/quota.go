package ingest

// quota counts down the lines that a limited source may still take.
type quota struct {
	limited bool
	left    int64
}

func newQuota(limit int64) *quota { return &quota{limited: limit > 0, left: limit} }

func (q *quota) use() { q.left-- }

func (q *quota) spent() bool { return q.limited && q.left <= 0 }
