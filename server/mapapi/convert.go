package mapapi

import (
	"github.com/semroute/semroute/eval/projection"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// marks are all kinds of notes on points.
var marks = []semroutev1.MapMark{semroutev1.MapMark_MAP_MARK_LINT, semroutev1.MapMark_MAP_MARK_LABEL_SUSPECT, semroutev1.MapMark_MAP_MARK_OVERLAP}

func (d *drawing) toProto(method semroutev1.MapMethod) *semroutev1.GetMapResponse {
	by := semroutev1.MapMethod_MAP_METHOD_NEIGHBOURS
	if methodOf(method) == projection.PCA {
		by = semroutev1.MapMethod_MAP_METHOD_PCA
	}
	resp := &semroutev1.GetMapResponse{
		Fingerprint: d.fingerprint, Method: by, Routes: d.routes, LeftOut: uint32(d.leftOut), Notes: d.notes,
		Points: make([]*semroutev1.MapPoint, len(d.points)),
	}
	places := d.picture.Points(methodOf(method))
	block := make([]semroutev1.MapPoint, len(d.points)) // one allocation for all
	for i := range d.points {
		p := &block[i]
		p.Route, p.Text, p.X, p.Y = d.points[i].route, d.points[i].text, places[i].X, places[i].Y
		for _, m := range marks {
			if d.points[i].marks&(1<<m) != 0 {
				p.Marks = append(p.Marks, m)
			}
		}
		resp.Points[i] = p
	}
	return resp
}

func (d *drawing) neighboursToProto(method projection.Method, nearest []projection.Neighbour) []*semroutev1.MapNeighbour {
	places := d.picture.Points(method)
	list := make([]*semroutev1.MapNeighbour, len(nearest))
	for i, n := range nearest {
		p := &d.points[n.Place]
		list[i] = &semroutev1.MapNeighbour{
			Point: uint32(n.Place), Route: d.routes[p.route], Text: p.text,
			X: places[n.Place].X, Y: places[n.Place].Y, Similarity: min(1, float64(n.Similarity)),
		}
	}
	return list
}
