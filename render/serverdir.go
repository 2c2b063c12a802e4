package render

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
)

// The files of a server's directory.
const (
	serverConfFile  = "server.conf"
	operatorFile    = "operator.jwt"
	systemdUnitFile = "nats-server.service"
	composeFile     = "compose.yaml"
	resolverDir     = "jwt"
	jetStreamDir    = "jetstream"
)

// ServerDir is a directory from which a nats-server can be run, with a full resolver that has all accounts to begin with.
type ServerDir struct {
	// Path is absolute.
	Path string
	// Config is what the server is to know. Its directories are filled in.
	Config ServerConfig
	// JetStream is turned on.
	JetStream bool
}

// Check says whether the directory can be made of what is given.
func (d ServerDir) Check() error {
	_, err := d.files()
	return err
}

// Write makes the directory: all of its files or none. The accounts come first, and the configuration last, so that nothing
// can be started before it is complete. With replace, files of another content give way, and others stay.
func (d ServerDir) Write(replace bool) error {
	files, err := d.files()
	if err != nil {
		return err
	}
	tokens, err := d.Config.preload()
	if err != nil {
		return err
	}
	var accounts []Output
	for _, a := range tokens {
		accounts = append(accounts, Output{Name: a.ID + ".jwt", Data: []byte(a.JWT)})
	}
	undo, err := WriteFiles(filepath.Join(d.Path, resolverDir), accounts, 0o600, replace)
	if err != nil {
		return err
	}
	if _, err := WriteFiles(d.Path, files, 0o600, replace); err != nil {
		return errors.Join(err, undo())
	}
	return nil
}

// files are those of the directory itself.
func (d ServerDir) files() ([]Output, error) {
	host, port, err := splitListen(d.Config.Listen)
	if err != nil {
		return nil, err
	}
	// The accounts are checked here: in a full resolver, the configuration does not name them.
	if _, err := d.Config.preload(); err != nil {
		return nil, err
	}
	c := d.Config
	c.Resolver, c.ResolverDir, c.JetStreamDir = ResolverFull, "./"+resolverDir, ""
	if d.JetStream {
		c.JetStreamDir = "./" + jetStreamDir
	}
	conf, err := c.Encode()
	if err != nil {
		return nil, err
	}
	unit, err := systemdUnit(d.Path, c.Operator.Name)
	if err != nil {
		return nil, err
	}
	compose, err := composeYAML(host, port)
	return []Output{
		{Name: operatorFile, Data: []byte(c.Operator.JWT)},
		{Name: systemdUnitFile, Data: unit},
		{Name: composeFile, Data: compose},
		{Name: serverConfFile, Data: conf},
	}, err
}

// splitListen takes an address apart that has a port which is known beforehand.
func splitListen(listen string) (host, port string, err error) {
	if err := CheckListen(listen); err != nil {
		return "", "", err
	}
	if !strings.Contains(listen, ":") {
		listen = ":" + listen
	}
	host, port, err = net.SplitHostPort(listen)
	if err == nil && (port == "" || port == "-1") {
		err = fmt.Errorf("listen address %q: has to name a port", listen)
	}
	return host, port, err
}

// systemdUnit is a unit that runs the server where its directory is.
func systemdUnit(dir, operator string) ([]byte, error) {
	// What a path means in a unit is decided by these; whoever needs them can do without the unit.
	if Escape(dir) != dir || strings.ContainsAny(dir, `"'\`) || strings.TrimSpace(dir) != dir {
		return nil, fmt.Errorf("directory %q: has a character that cannot stand in a systemd unit", dir)
	}
	plain := strings.NewReplacer("%", "%%").Replace
	return fmt.Appendf(nil, `# Made by nkeep. To install it:
#   cp %[3]s /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now nats-server
# To run it as another user than root, name it in User, and give it the directory with chown -R.
[Unit]
Description=NATS server of operator %[1]s
Documentation=https://docs.nats.io
Wants=network-online.target
After=network-online.target

[Service]
WorkingDirectory=%[2]s
ExecStart=nats-server -c %[4]s
ExecReload=kill -HUP $MAINPID
KillSignal=SIGUSR2
TimeoutStopSec=150
Restart=on-failure
RestartSec=5
UMask=0077
LimitNOFILE=65536
NoNewPrivileges=true
ProtectSystem=strict
ReadWritePaths="%[2]s"
#User=nats

[Install]
WantedBy=multi-user.target
`, plain(strings.TrimSuffix(Escape(operator), `\`)), plain(dir), systemdUnitFile, serverConfFile), nil
}

// compose is a service of Compose.
type compose struct {
	Services map[string]composeService `yaml:"services"`
}

type composeService struct {
	Image      string   `yaml:"image"`
	Command    []string `yaml:"command,flow"`
	WorkingDir string   `yaml:"working_dir"`
	Volumes    []string `yaml:"volumes"`
	Ports      []string `yaml:"ports"`
	Restart    string   `yaml:"restart"`
}

// composeYAML runs the server in a container, where it listens on all addresses: from which it can be reached is decided by
// the ports outside.
func composeYAML(host, port string) ([]byte, error) {
	published := port + ":" + port
	switch host {
	case "", "0.0.0.0", "::":
	default:
		published = strings.TrimSuffix(net.JoinHostPort(host, ""), ":") + ":" + published
	}
	return encodeYAML("Made by nkeep. Start it with: docker compose up -d", compose{map[string]composeService{"nats": {
		Image: "nats:2-alpine", Command: []string{"-c", serverConfFile, "-a", "0.0.0.0"}, WorkingDir: "/nats",
		Volumes: []string{"./:/nats"}, Ports: []string{published}, Restart: "unless-stopped",
	}}})
}
