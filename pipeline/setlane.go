package pipeline

import "errors"

// Lane returns the bounds, the weight, the full mode and the ageing of one lane of
// a stage's channel as they are now, without Reserve.
func (p *Pipeline) Lane(stage string, lane Lane) (LaneConfig, error) {
	w, err := p.pool(stage)
	if err != nil {
		return LaneConfig{}, err
	}
	return w.in.laneConfig(lane), nil
}

// SetLane changes the bounds, the weight, the full mode and the ageing of one lane
// of a stage's channel while the run goes on. What waits beyond a smaller capacity
// stays; senders that wait look again. Zero fields take their defaults; Reserve is
// not looked at.
func (p *Pipeline) SetLane(stage string, lane Lane, cfg LaneConfig) error {
	w, err := p.pool(stage)
	if err != nil {
		return err
	}
	var errs []error
	cfg.withDefaults(lane).validate(func(key, format string, args ...any) {
		errs = append(errs, newConfigError(stage+".lanes."+lane.String()+"."+key, format, args...))
	})
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	w.in.SetLane(lane, cfg)
	if w.index == 0 {
		p.budget.sendAway(lane)
	}
	return nil
}
