package checkpoint

// Half is fromHalf for tests.
var Half = fromHalf
