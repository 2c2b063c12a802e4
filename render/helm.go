package render

import "fmt"

// HelmValues are values of the official NATS chart (nats/nats, since 1.0) by which its servers trust an operator. Their JSON,
// too, is what helm takes.
type HelmValues struct {
	Config helmConfig `json:"config" yaml:"config"`
	about  string
}

// helmConfig is the part of the values that becomes the configuration of servers.
type helmConfig struct {
	Cluster   *helmCluster `json:"cluster,omitempty" yaml:"cluster,omitempty"`
	JetStream *helmSwitch  `json:"jetstream,omitempty" yaml:"jetstream,omitempty"`
	Resolver  helmResolver `json:"resolver" yaml:"resolver"`
	// Merge goes into the server's configuration as it is.
	Merge helmMerge `json:"merge" yaml:"merge"`
}

type helmSwitch struct {
	Enabled bool `json:"enabled" yaml:"enabled"`
}

type helmCluster struct {
	Enabled  bool `json:"enabled" yaml:"enabled"`
	Replicas int  `json:"replicas" yaml:"replicas"`
}

// helmResolver makes the chart provide a volume, and name it in the resolver, to which the merge adds the rest.
type helmResolver struct {
	Enabled bool               `json:"enabled" yaml:"enabled"`
	Merge   *helmResolverMerge `json:"merge,omitempty" yaml:"merge,omitempty"`
}

type helmResolverMerge struct {
	Type        ResolverKind `json:"type" yaml:"type"`
	AllowDelete bool         `json:"allow_delete" yaml:"allow_delete"`
	Interval    string       `json:"interval" yaml:"interval"`
	Timeout     string       `json:"timeout" yaml:"timeout"`
}

type helmMerge struct {
	Operator string            `json:"operator" yaml:"operator"`
	System   string            `json:"system_account,omitempty" yaml:"system_account,omitempty"`
	Resolver string            `json:"resolver,omitempty" yaml:"resolver,omitempty"`
	Preload  map[string]string `json:"resolver_preload" yaml:"resolver_preload"`
}

// HelmOptions are what the chart does beyond trusting an operator.
type HelmOptions struct {
	Replicas  int // of a cluster; 0 leaves it to the chart
	JetStream bool
}

// NewHelmValues returns values of the same meaning as a server configuration with a full or a memory resolver. Where the
// server listens and stores is the chart's business.
func NewHelmValues(c ServerConfig, o HelmOptions) (v HelmValues, err error) {
	if err := c.check(); err != nil {
		return v, err
	}
	v.about = fmt.Sprintf("Values of the NATS chart for operator %q (%s), made by nkeep.", c.Operator.Name, c.Operator.ID)
	if o.Replicas > 0 {
		v.Config.Cluster = &helmCluster{true, o.Replicas}
	}
	if o.JetStream {
		v.Config.JetStream = &helmSwitch{true}
	}
	v.Config.Merge = helmMerge{Operator: c.Operator.JWT, System: c.System.ID, Preload: map[string]string{}}
	accounts := []NamedToken{c.System}
	switch c.Resolver {
	case ResolverMemory:
		v.Config.Merge.Resolver = "MEMORY"
		if accounts, err = c.preload(); err != nil {
			return v, err
		}
	case ResolverFull:
		if c.System.ID == "" {
			return v, fmt.Errorf("resolver %q: needs a system account", c.Resolver)
		}
		v.Config.Resolver = helmResolver{true, &helmResolverMerge{c.Resolver, c.AllowDelete, "2m", "1.9s"}}
	default:
		return v, fmt.Errorf("resolver %q: the chart has full and memory", c.Resolver)
	}
	for _, a := range accounts {
		v.Config.Merge.Preload[a.ID] = a.JWT
	}
	return v, nil
}

// Encode writes values in YAML.
func (v HelmValues) Encode() ([]byte, error) { return encodeYAML(v.about, v) }

// Text implements [View].
func (v HelmValues) Text(t *Text) {
	data, err := v.Encode()
	t.fail(err)
	t.Verbatim(string(data))
}
