package projection

// frame moves and scales places so that all of a picture lie within -1 … 1.
type frame struct{ x, y, scale float32 }

// frameOf keeps the proportions. Points that all lie in one place stay there.
func frameOf(points []Point) frame {
	if len(points) == 0 {
		return frame{scale: 1}
	}
	low, high := points[0], points[0]
	for _, p := range points {
		low = Point{min(low.X, p.X), min(low.Y, p.Y)}
		high = Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	f := frame{x: (low.X + high.X) / 2, y: (low.Y + high.Y) / 2, scale: 1}
	if half := max(high.X-low.X, high.Y-low.Y) / 2; half > 1e-9 {
		f.scale = 1 / half
	}
	return f
}

func (f frame) apply(p Point) Point {
	return Point{X: inside((p.X - f.x) * f.scale), Y: inside((p.Y - f.y) * f.scale)}
}

// inside holds places near the picture: a vector unlike all others would lie far
// outside, where nobody looks.
func inside(x float32) float32 { return min(max(x, -1.5), 1.5) }
