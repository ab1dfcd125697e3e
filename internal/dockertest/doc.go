// Package dockertest lets tests, the demo and benchmarks use the real Docker Engine of the machine, and leaves nothing
// behind.
//
// Need finds the engine, or skips the test and says why. Image makes an image of one static program, Run starts a
// container, and everything made this way is removed when the test ends. What the code under test makes is found by
// its name: it has to begin with a name of UniqueName that Sweep was told of.
//
// The engine is never harmed. Its faults are played by a Proxy, which stands between the client and the engine and can
// refuse, hang, fail, cut off the reply, and go away altogether. A Registry serves images to it without a network.
package dockertest
