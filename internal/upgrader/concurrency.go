package upgrader

import "iter"

// inOrderOf makes something of each element of a sequence, a number of them at a
// time, and yields what it has made in the sequence's order, as soon as it can.
func inOrderOf[A, B, R any](atATime int, elements iter.Seq2[A, B], of func(A, B) R) iter.Seq[R] {
	return func(yield func(R) bool) {
		next, stop := iter.Pull2(elements)
		defer stop()
		var coming []chan R
		for more := true; ; {
			for more && len(coming) < atATime {
				var a A
				var b B
				if a, b, more = next(); !more {
					break
				}
				ready := make(chan R, 1)
				coming = append(coming, ready)
				go func() { ready <- of(a, b) }()
			}
			if len(coming) == 0 || !yield(<-coming[0]) {
				return
			}
			coming = coming[1:]
		}
	}
}
