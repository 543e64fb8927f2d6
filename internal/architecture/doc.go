// Package architecture holds the rules of who may import whom: data flows down
// the list of rooms, and an import never points up. It is all tests.
package architecture
