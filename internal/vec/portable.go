package vec

// The portable kernels: the fallback where no assembly exists, and what the
// assembly is tested against.

func dotRowsPortable(dst, rows []float32, dim int, q []float32) {
	for i := range dst {
		dst[i] = dotPortable(rows[i*dim:(i+1)*dim], q)
	}
}

func dotPortable(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func axpyPortable(alpha float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += alpha * v
	}
}

func dotRowsI8Portable(dst []int32, rows []int8, dim int, q []int8) {
	for i := range dst {
		var sum int32
		row := rows[i*dim : (i+1)*dim]
		for j, x := range q {
			sum += int32(x) * int32(row[j])
		}
		dst[i] = sum
	}
}
