package pipeline

// Schedule says which lane of a channel is next.
type Schedule string

// The schedules.
const (
	ScheduleWeighted Schedule = "weighted" // deficit round robin by records (Shreedhar and Varghese, 1995)
	ScheduleStrict   Schedule = "strict"   // the most urgent lane that has a batch
)
