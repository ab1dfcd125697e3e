package kubetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// root is a root folder of the calling thread, which shows the machine's files,
// and in which others can be placed anywhere without touching the machine's
// disk.
type root struct {
	// ours are the file systems in memory on which folders can be made.
	ours map[uint64]bool
	// hidden counts the folders that others lie on.
	hidden int
}

// newRoot makes one, by way of a folder to mount it at. The thread must have a
// mount table of its own, so that nobody else sees anything of it.
func newRoot(stage string) (*root, error) {
	r := &root{ours: map[uint64]bool{}}
	if err := errors.Join(os.MkdirAll(stage, 0o750), r.memory(stage, 0o755)); err != nil {
		return nil, err
	}
	// Else it would show up in itself, by way of the folder it lies in.
	if err := syscall.Mount("", stage, "", syscall.MS_UNBINDABLE, ""); err != nil {
		return nil, err
	}
	if err := errors.Join(mirror("/", stage), syscall.Chroot(stage), os.Chdir("/")); err != nil {
		return nil, err
	}
	for _, dir := range []string{privatePath, volumesPath, hiddenPath} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
	}
	return r, r.memory(volumesPath, 0o755)
}

// memory mounts an empty file system.
func (r *root) memory(dir string, mode fs.FileMode) error {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("mode=%o", mode.Perm())); err != nil {
		return fmt.Errorf("mounting memory at %s: %w", dir, err)
	}
	device, err := device(dir)
	r.ours[device] = true
	return err
}

// mirror shows in an empty folder what is in another one.
func mirror(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		source, target := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		if entry.Type()&fs.ModeSymlink != 0 {
			link, err := os.Readlink(source)
			if err := errors.Join(err, os.Symlink(link, target)); err != nil {
				return err
			}
			continue
		}
		if err := mountPoint(target, entry.IsDir()); err != nil {
			return err
		}
		if err := bind(source, target); err != nil {
			return err
		}
	}
	return nil
}

// place shows a file or folder under another path, which is made if it isn't
// there.
func (r *root) place(from, at string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
		if err := r.open(filepath.Dir(at)); err != nil {
			return err
		}
		if err := mountPoint(at, info.IsDir()); err != nil {
			return err
		}
	}
	return bind(from, at)
}

// open makes a folder, if it isn't there, and lets things be made in it: what
// the machine has is mirrored for that.
func (r *root) open(dir string) error {
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := r.open(filepath.Dir(dir)); err != nil {
			return err
		}
		return os.Mkdir(dir, 0o755)
	}
	if err != nil {
		return err
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if device, err := device(dir); err != nil || r.ours[device] {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	r.hidden++
	original := filepath.Join(hiddenPath, strconv.Itoa(r.hidden))
	if err := errors.Join(os.Mkdir(original, 0o755), bind(dir, original)); err != nil {
		return err
	}
	return errors.Join(r.memory(dir, info.Mode()), mirror(original, dir))
}

// mountPoint makes something to mount a file or folder on.
func mountPoint(path string, isDir bool) error {
	if isDir {
		return os.Mkdir(path, 0o755)
	}
	return os.WriteFile(path, nil, 0o600)
}

func bind(from, to string) error {
	if err := syscall.Mount(from, to, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("mounting %s at %s: %w", from, to, err)
	}
	return nil
}

// device is the file system that a path is on.
func device(path string) (uint64, error) {
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return stat.Dev, nil
}
