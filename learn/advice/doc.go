// Package advice puts together what traffic teaches a running router: whether
// its promises are kept, and which changes of its catalog a person may accept.
//
// It promises that nothing is changed but by Accept, and then by the one way in
// which catalogs are changed; that what was rejected is not suggested again;
// and that prompts are read only as far as the store keeps their text, and it
// is said where that is too little. It decides nothing on the path of a prompt.
package advice
