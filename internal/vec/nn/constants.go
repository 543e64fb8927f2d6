package nn

// Minimax fits, highest power first, chosen by least squares with weights that
// level the error; the assembly reads the same numbers.

// cdfP and cdfQ are P and Q of normalCDF, in t².
var (
	cdfP = [6]float32{2.2146311451365364e-08, 6.356261110340711e-06, 0.00017382721125613898, 0.0047071147710084915, 0.03437390923500061, 0.398942232131958}
	cdfQ = [6]float32{1.1802213748524082e-06, 7.509381975978613e-05, 0.0019128452986478806, 0.02893880382180214, 0.25282832980155945, 1}
)

const cdfEnd = 5.6

// expP is the fit of e to a power from -ln2/2 to ln2/2.
var expP = [6]float32{0.008312506601214409, 0.04189034178853035, 0.16667115688323975, 0.499992311000824, 1, 1}

// ln2 in two parts, the first with so few digits that its small multiples are
// exact.
const (
	log2e   = 1.4426950216293335
	ln2High = 0.693359375
	ln2Low  = -0.00021219444170128554
	expEnd  = -86
)
