// Package report writes what eval measured: a page that needs no network (HTML),
// JUnit's XML for CI systems, and a Summary of a line a measure for a repository.
// Texts of prompts are escaped and shortened. It measures nothing itself.
package report
