package capacity

import "math"

// What the simulation of a Qdrant cluster assumes. The settings are the
// defaults of Qdrant 1.18; the nodes are what is recommended in
// docs/operations.md.
const (
	graphLinks      = 16            // m: a point has twice as many links on the lowest level
	graphEF         = 100           // ef_construct, also the candidates of a search without hnsw_ef
	segmentPerCore  = 256_000 << 10 // bytes of full vectors a segment may have, for each core
	shardSegments   = 8             // a shard has at least so many
	fullScanBytes   = 10_000 << 10  // a filter that leaves fewer bytes of vectors is scanned
	headroom        = 1.5           // for versions, and segments that are being rewritten
	idBytes         = 56            // both ways from UUID to place, version, index on routes
	payloadBytes    = 150           // route and utterance with their keys, on disk
	nodeBytes       = 64e9
	nodeUsable      = 0.8 // of a node's memory
	nodeCores       = 8
	fewestNodes     = 3 // the fewest that can lose one
	copies          = 2
	shardsPerNode   = 2
	routesAsked     = 8 // the leading routes that a decision searches
	routeUtterances = 100
)

// workload is a catalog of a size.
type workload struct {
	utterances, dimension float64
	quantized             bool // 8-bit copies in memory, full vectors on disk
}

// plan is what a workload needs.
type plan struct {
	memory, disk    float64 // bytes, of one copy
	nodes, shards   float64
	segments        float64 // of all shards
	inRoutes, inAll float64 // distances that a search computes, in all shards together
}

// planFor simulates; it measures nothing.
func planFor(w workload) plan {
	graph := 4 * (2*graphLinks + 1.0) // the higher levels have about one link a point
	full := 4 * w.dimension
	p := plan{
		memory: headroom * w.utterances * full,
		disk:   headroom * w.utterances * (full + graph + idBytes + payloadBytes),
	}
	if w.quantized {
		p.memory = headroom * w.utterances * (w.dimension + graph + idBytes)
		p.disk += headroom * w.utterances * w.dimension
	}
	p.nodes = max(fewestNodes, math.Ceil(copies*p.memory/(nodeUsable*nodeBytes)))
	p.shards = shardsPerNode * p.nodes
	p.segments = max(p.shards*shardSegments, math.Ceil(w.utterances*full/(segmentPerCore*nodeCores)))
	// At most: every candidate's links, none of them seen before.
	p.inAll = p.segments * graphEF * 2 * graphLinks
	p.inRoutes = p.inAll
	if points := routesAsked * routeUtterances * 1.0; points*full <= fullScanBytes {
		p.inRoutes = points // as few are scanned without the graph
	}
	return p
}
