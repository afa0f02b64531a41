package pipeline

// Until lanerule.go has them.
type laneChooser struct{}

func (r LaneRule) compile() (laneChooser, error) { panic("skeleton") }
func (c *laneChooser) lane(root Value) Lane      { panic("skeleton") }
