package pipeline

// ring is a first-in first-out queue that grows as needed and keeps its memory.
type ring[T any] struct {
	items []T
	head  int
	n     int
}

func (r *ring[T]) len() int { return r.n }

func (r *ring[T]) push(item T) {
	if r.n == len(r.items) {
		grown := make([]T, max(8, 2*r.n))
		for i := range r.n {
			grown[i] = *r.at(i)
		}
		r.items, r.head = grown, 0
	}
	r.items[(r.head+r.n)%len(r.items)] = item
	r.n++
}

// at returns the i-th oldest item; i must be below len.
func (r *ring[T]) at(i int) *T { return &r.items[(r.head+i)%len(r.items)] }

func (r *ring[T]) pop() T {
	var zero T
	item := r.items[r.head]
	r.items[r.head] = zero
	r.head = (r.head + 1) % len(r.items)
	r.n--
	return item
}

// popNewest takes the youngest item out again.
func (r *ring[T]) popNewest() T {
	var zero T
	last := r.at(r.n - 1)
	item := *last
	*last = zero
	r.n--
	return item
}
