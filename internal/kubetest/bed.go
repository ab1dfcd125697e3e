package kubetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// bed is the process that runs the components. It ends when its standard input
// is closed: by hanging up, or by the end of this process, however that comes.
type bed struct {
	command *exec.Cmd
	hangUp  func() error

	mutex    sync.Mutex // one question at a time
	question *json.Encoder
	answer   *json.Decoder
}

// bedRequest and bedReply are what the program "testbed" understands and says.
type bedRequest struct {
	Do     string   `json:"do"`
	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups,omitempty"`
}

type bedReply struct {
	Error      string `json:"error"`
	Kubeconfig string `json:"kubeconfig"`
}

// startBed returns when the control plane is ready, after which the context is
// of no importance.
func startBed(ctx context.Context, binary, dir string) (*bed, error) {
	command := exec.CommandContext(context.WithoutCancel(ctx), binary, "up", dir)
	command.Stderr = os.Stderr // why a component has failed
	detach(command)
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	b := &bed{command: command, hangUp: stdin.Close, question: json.NewEncoder(stdin), answer: json.NewDecoder(stdout)}
	defer context.AfterFunc(ctx, func() { _ = b.hangUp() })() // fails if it was done
	if _, err := b.hear(); err != nil {
		b.stop()
		return nil, errors.Join(ctx.Err(), err)
	}
	return b, nil
}

// ask lets the bed do something.
func (b *bed) ask(request bedRequest) (bedReply, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if err := b.question.Encode(request); err != nil {
		return bedReply{}, fmt.Errorf("the control plane has ended: %w", err)
	}
	return b.hear()
}

func (b *bed) hear() (reply bedReply, err error) {
	if err := b.answer.Decode(&reply); err != nil {
		return reply, fmt.Errorf("the control plane has ended: %w", err)
	}
	if reply.Error != "" {
		return reply, errors.New(reply.Error)
	}
	return reply, nil
}

// stop hangs up and waits until everything has ended.
func (b *bed) stop() {
	_ = b.hangUp()       // fails if it was done
	_ = b.command.Wait() // it has told why on standard error
}
