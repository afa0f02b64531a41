package validate

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// remote returns the file that stands for a web address by the remotes of the
// options, of which the longest that fits counts.
func (l *loader) remote(u *url.URL) (path string, ok bool) {
	address := u.Scheme + "://" + u.Host + u.Path
	longest := -1
	for prefix, folder := range l.options.Remotes {
		rest, fits := strings.CutPrefix(address, prefix)
		rest = strings.TrimPrefix(rest, "/")
		// A prefix ends where a step of the address does, and what follows
		// stays below the folder.
		whole := strings.HasSuffix(prefix, "/") || strings.HasPrefix(address[min(len(prefix), len(address)):], "/")
		if fits && whole && len(prefix) > longest && filepath.IsLocal(filepath.FromSlash(rest)) {
			longest, path = len(prefix), filepath.Join(folder, filepath.FromSlash(rest))
		}
	}
	return path, longest >= 0
}

// readRemote reads the file that stands for a web address.
func (l *loader) readRemote(u *url.URL, path string) (any, error) {
	doc, err := l.readFile(path, path)
	if err != nil {
		return nil, fmt.Errorf("%s is looked up in the folder that is given for it, and the file there cannot be used: %w", u, err)
	}
	return doc, nil
}
