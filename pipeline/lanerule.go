package pipeline

// LaneRule chooses a record's lane from its bytes alone. The zero rule sends
// everything to LaneCritical; DefaultLaneRule to LaneNormal.
type LaneRule struct {
	Field   string          `json:"field,omitempty"` // path of the field that decides, or ""
	Map     map[string]Lane `json:"map,omitempty"`   // text of the field -> lane
	Default Lane            `json:"default"`
}

// DefaultLaneRule sends every record to LaneNormal.
func DefaultLaneRule() LaneRule { return LaneRule{Default: LaneNormal} }

// Validate reports every mistake at once, as *ConfigError values joined.
func (r LaneRule) Validate() error {
	_, err := r.compile()
	return err
}
