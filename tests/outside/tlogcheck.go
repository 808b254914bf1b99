// tlogcheck looks at a log with other people's code: golang.org/x/mod/sumdb and Go's own library. Nothing of ours is in it.
//
// It rebuilds the whole tree and never trusts a tile because its neighbours fit (CVE-2026-56865).
//
//	tlogcheck fsck        DIR VKEY            every entry, tile, root and signature
//	tlogcheck tiles       DIR VKEY            the public part: hash tiles, root and signature
//	tlogcheck consistency DIR VKEY OLD        that the log grew from an older checkpoint
//	tlogcheck receipt     RECEIPT ENTRY VKEY  one receipt, offline
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

func main() {
	if len(os.Args) < 4 {
		refuse("usage: tlogcheck fsck|tiles DIR VKEY, consistency DIR VKEY OLD, receipt RECEIPT ENTRY VKEY")
	}
	command, rest := os.Args[1], os.Args[2:]
	switch {
	case command == "fsck":
		whole(rest[0], rest[1], leavesOfEntries)
	case command == "tiles":
		whole(rest[0], rest[1], leavesOfTiles)
	case command == "consistency" && len(rest) == 3:
		consistency(rest[0], rest[1], rest[2])
	case command == "receipt" && len(rest) == 3:
		receipt(rest[0], rest[1], rest[2])
	default:
		refuse("unknown command " + command)
	}
}

func refuse(why any) {
	fmt.Println("FAIL", why)
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		refuse(err)
	}
	return value
}

// memory holds every hash of the tree in the order in which the library stores them.
type memory []tlog.Hash

func (m memory) ReadHashes(at []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, 0, len(at))
	for _, index := range at {
		if index >= int64(len(m)) {
			return nil, fmt.Errorf("hash %d is beyond the tree", index)
		}
		found = append(found, m[index])
	}
	return found, nil
}

func grow(leaves []tlog.Hash) memory {
	var m memory
	for number, leaf := range leaves {
		m = append(m, must(tlog.StoredHashesForRecordHash(int64(number), leaf, m))...)
	}
	return m
}

func whole(dir, vkey string, leaves func(string, int64) []tlog.Hash) {
	tree := checkpoint(must(os.ReadFile(filepath.Join(dir, "checkpoint"))), vkey)
	m := grow(leaves(dir, tree.N))
	sameRoot(m, tree)
	tiles := 0
	for level, count := 0, tree.N; count > 0; level, count = level+1, count/width {
		for index := int64(0); index*width < count; index++ {
			w := min(width, count-index*width)
			wanted := must(tlog.ReadTileData(tlog.Tile{H: 8, L: level, N: index, W: int(w)}, m))
			if !bytes.Equal(wanted, read(dir, strconv.Itoa(level), index, w)) {
				refuse(fmt.Sprintf("tile %d/%d of width %d is not what its leaves say", level, index, w))
			}
			tiles++
		}
	}
	fmt.Printf("OK size %d root %v tiles %d\n", tree.N, tree.Hash, tiles)
}

func consistency(dir, vkey, oldFile string) {
	tree := checkpoint(must(os.ReadFile(filepath.Join(dir, "checkpoint"))), vkey)
	old := checkpoint(must(os.ReadFile(oldFile)), vkey)
	if old.N < 1 || old.N > tree.N {
		refuse(fmt.Sprintf("%d entries were signed once, now there are %d", old.N, tree.N))
	}
	m := grow(leavesOfTiles(dir, tree.N))
	sameRoot(m, tree)
	sameRoot(m, old)
	proof := must(tlog.ProveTree(tree.N, old.N, m))
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		refuse(err)
	}
	fmt.Printf("OK %d entries grew into %d\n", old.N, tree.N)
}

func receipt(receiptFile, entryFile, vkey string) {
	head, signed, found := strings.Cut(string(must(os.ReadFile(receiptFile))), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
		refuse("this is no receipt")
	}
	entry := must(os.ReadFile(entryFile))
	if lines[1] != "extra "+base64.StdEncoding.EncodeToString(entry) {
		refuse("the receipt is about another entry")
	}
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64))
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		path = append(path, must(tlog.ParseHash(line)))
	}
	tree := checkpoint([]byte(signed), vkey)
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		refuse(err)
	}
	fmt.Printf("OK entry %d of %d\n", index, tree.N)
}

func sameRoot(m memory, tree tlog.Tree) {
	if root := must(tlog.TreeHash(tree.N, m)); root != tree.Hash {
		refuse(fmt.Sprintf("the first %d entries hash to %v, but %v was signed", tree.N, root, tree.Hash))
	}
}

func checkpoint(raw []byte, vkeyFile string) tlog.Tree {
	verifier := must(note.NewVerifier(strings.TrimSpace(string(must(os.ReadFile(vkeyFile))))))
	opened := must(note.Open(raw, note.VerifierList(verifier)))
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		refuse("a checkpoint is origin, size and root, and its origin is the key's name")
	}
	return tlog.Tree{N: must(strconv.ParseInt(lines[1], 10, 64)), Hash: must(tlog.ParseHash(lines[2]))}
}

func leavesOfEntries(dir string, size int64) []tlog.Hash {
	var leaves []tlog.Hash
	for index := int64(0); index*width < size; index++ {
		w := min(width, size-index*width)
		rest := read(dir, "entries", index, w)
		for range w {
			if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
				refuse(fmt.Sprintf("bundle %d is cut short", index))
			}
			end := 2 + int(binary.BigEndian.Uint16(rest))
			leaves, rest = append(leaves, tlog.RecordHash(rest[2:end])), rest[end:]
		}
		if len(rest) != 0 {
			refuse(fmt.Sprintf("bundle %d has bytes too many", index))
		}
	}
	return leaves
}

func leavesOfTiles(dir string, size int64) []tlog.Hash {
	var leaves []tlog.Hash
	for index := int64(0); index*width < size; index++ {
		w := min(width, size-index*width)
		data := read(dir, "0", index, w)
		if int64(len(data)) != w*tlog.HashSize {
			refuse(fmt.Sprintf("tile 0/%d has %d bytes", index, len(data)))
		}
		for at := int64(0); at < w; at++ {
			leaves = append(leaves, tlog.Hash(data[at*tlog.HashSize:(at+1)*tlog.HashSize]))
		}
	}
	return leaves
}

func read(dir, kind string, index, w int64) []byte {
	path := fmt.Sprintf("%03d", index%1000)
	for n := index / 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if w < width {
		path += fmt.Sprintf(".p/%d", w)
	}
	return must(os.ReadFile(filepath.Join(dir, "tile", kind, path)))
}
