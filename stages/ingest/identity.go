package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluice/pipeline"
)

// headSize is how much of a file's start tells it from others.
const headSize = 4 << 10

// identity is what a file is known by: the start of its decompressed content,
// whatever its name. Files with the same start have different generations. The
// inode is that of the file when it was first read, and only breaks ties. An
// identity never changes once progress is stored under it, also when the file
// grows or is renamed.
type identity struct {
	length     int    // bytes of the start that are hashed: 1 to headSize
	hash       string // their SHA-256 in hex
	generation int
	inode      uint64 // 0 where the system has none
}

// String returns the identity as Progress.Source holds it:
// file:<length>:<hash>:<generation>:<inode>.
func (id identity) String() string {
	return fmt.Sprintf("file:%d:%s:%d:%x", id.length, id.hash, id.generation, id.inode)
}

// parseIdentity is the inverse of String; false for what is no file's.
func parseIdentity(s string) (id identity, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 5 || parts[0] != "file" {
		return identity{}, false
	}
	var errs [3]error
	id.length, errs[0] = strconv.Atoi(parts[1])
	id.hash = parts[2]
	id.generation, errs[1] = strconv.Atoi(parts[3])
	id.inode, errs[2] = strconv.ParseUint(parts[4], 16, 64)
	ok = errs == [3]error{} && id.length > 0 && id.length <= headSize && id.generation >= 0
	return id, ok && id.String() == s
}

// matches says whether a file that starts with head may be the one.
func (id identity) matches(head []byte) bool {
	return len(head) >= id.length && headHash(head[:id.length]) == id.hash
}

// sum returns the hash in bytes; of one that is no hash, zeros, which none has.
func (id identity) sum() (sum [sha256.Size]byte) {
	if len(id.hash) == 2*len(sum) {
		_, _ = hex.Decode(sum[:], []byte(id.hash)) // what is no hash matches nothing
	}
	return sum
}

func headHash(head []byte) string {
	sum := sha256.Sum256(head)
	return hex.EncodeToString(sum[:])
}

// knownFile is the stored progress of a file.
type knownFile struct {
	identity
	progress pipeline.Progress
}

// register holds the files that earlier runs have seen.
type register struct {
	files   []knownFile
	lengths map[int]map[[sha256.Size]byte][]int // length -> hash -> indices of files
	sorted  []int                               // the lengths, shortest first
}

// newRegister takes the progress that a sink has stored, of any source.
func newRegister(stored []pipeline.Progress) *register {
	r := &register{lengths: map[int]map[[sha256.Size]byte][]int{}}
	for _, p := range stored {
		if id, ok := parseIdentity(p.Source); ok {
			r.add(knownFile{identity: id, progress: p})
		}
	}
	return r
}

func (r *register) add(k knownFile) {
	hashes := r.lengths[k.length]
	if hashes == nil {
		hashes = map[[sha256.Size]byte][]int{}
		r.lengths[k.length] = hashes
		at, _ := slices.BinarySearch(r.sorted, k.length)
		r.sorted = slices.Insert(r.sorted, at, k.length)
	}
	sum := k.sum()
	hashes[sum] = append(hashes[sum], len(r.files))
	r.files = append(r.files, k)
}

// candidates returns the indices of the files that start as head does. It goes
// over head once, however many lengths there are.
func (r *register) candidates(head []byte) []int {
	var found []int
	hash, at := sha256.New(), 0
	var sum [sha256.Size]byte
	for _, length := range r.sorted {
		if length > len(head) {
			break
		}
		hash.Write(head[at:length])
		at = length
		hash.Sum(sum[:0])
		found = append(found, r.lengths[length][sum]...)
	}
	return found
}

// newFile gives a file that no earlier run has seen its identity: a new
// generation where others start like it.
func (r *register) newFile(head []byte, inode uint64, name string) knownFile {
	id := identity{length: len(head), hash: headHash(head), inode: inode}
	for _, i := range r.lengths[id.length][id.sum()] {
		id.generation = max(id.generation, r.files[i].generation+1)
	}
	k := knownFile{identity: id, progress: pipeline.Progress{Source: id.String(), Name: name}}
	r.add(k)
	return k
}
