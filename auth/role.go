package auth

import "slices"

// Role is what a caller may do. None includes another.
type Role string

// The roles.
const (
	// Decide may ask for decisions.
	Decide Role = "decide"
	// Forward may have calls to models made.
	Forward Role = "forward"
	// Feedback may tell how decisions turned out.
	Feedback Role = "feedback"
	// Admin may read and change catalogs, and whatever no other role covers.
	Admin Role = "admin"
	// Metrics may read metrics.
	Metrics Role = "metrics"
)

// The roles of the table that nobody is given.
const (
	// Anyone needs no identity.
	Anyone Role = "anyone"
	// Known needs an identity, whatever its roles.
	Known Role = "known"
)

// Roles are all that a caller can be given.
func Roles() []Role { return []Role{Decide, Forward, Feedback, Admin, Metrics} }

// May says whether the identity has the role that an action needs.
func (i *Identity) May(needed Role) bool {
	return needed == Anyone || needed == Known || slices.Contains(i.Roles, needed)
}
