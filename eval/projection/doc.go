// Package projection puts unit vectors of hundreds of dimensions on a plane, for
// people to look at: by principal components (PCA), which keeps the large
// distances, and by a small form of PaCMAP, which keeps who is near whom
// (Wang, Huang, Rudin and Shaposhnik 2021, "Understanding How Dimension Reduction
// Tools Work: An Empirical Approach to Deciphering t-SNE, UMAP, TriMap, and PaCMAP
// for Data Visualization", JMLR 22(201)).
//
// The same vectors and seed give the same picture on the same kind of processor.
// Vectors are held in 8 bits, so a picture takes about a quarter of what they do,
// and what comes later is put among the others in milliseconds. It works on one
// processor, so that whoever answers beside it keeps the others. It knows neither
// texts nor routes, and a place on the plane says nothing that may be decided by.
package projection
