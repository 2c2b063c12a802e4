package resolver

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Details are what a server runs with.
type Details struct {
	Server
	Go            string     `json:"go"`
	Listen        []Listener `json:"listen"` // what is not configured is left out
	ConnectURLs   []string   `json:"connect_urls"`
	TLS           bool       `json:"tls_required"`
	Start         time.Time  `json:"start"`
	ConfigLoaded  time.Time  `json:"config_load_time"`
	Operators     []Operator `json:"operators"`
	SystemAccount string     `json:"system_account"` // public key
	MaxConns      int        `json:"max_connections"`
	MaxPayload    int64      `json:"max_payload"` // bytes
	Tags          []string   `json:"tags"`
}

// Listener is where a server listens, and for whom.
type Listener struct {
	For  string `json:"for"` // clients, routes, leaf nodes, websocket, mqtt, monitoring
	Host string `json:"host"`
	Port int    `json:"port"`
}

// maxStrings bounds lists of short texts that a server tells of itself.
const maxStrings = 256

// Details asks one server that answered a roll call what it runs with. The error is
// [ErrNoAnswer] if it stays silent.
func (c *Conn) Details(ctx context.Context, s Server) (Details, error) {
	// By name rather than by id: the subject is the same for all servers, and a user
	// that may use it can be signed before any of them is known.
	body, err := json.Marshal(map[string]any{"server_name": s.Name, "exact_match": true})
	if err != nil {
		return Details{}, err
	}
	var (
		d     Details
		fault error
	)
	err = c.askAll(ctx, []Server{s}, subjectVarz, body, func(r reply) bool {
		if r.server.ID != s.ID {
			return false
		}
		if r.fault != nil {
			fault = fmt.Errorf("server %q: %s", s.Name, clip(r.fault.Description, maxMessage))
			return true
		}
		var ok bool
		d, ok = decodeDetails(r)
		return ok
	}, func(Server) { fault = fmt.Errorf("server %q: %w", s.Name, ErrNoAnswer) })
	if err == nil {
		err = fault
	}
	return d, err
}

// port is where a server listens, in its own spelling.
type port struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}

func decodeDetails(r reply) (Details, bool) {
	var v struct {
		port
		Go           string    `json:"go"`
		ConnectURLs  []string  `json:"connect_urls"`
		TLS          bool      `json:"tls_required"`
		HTTPHost     string    `json:"http_host"`
		HTTPPort     int       `json:"http_port"`
		HTTPSPort    int       `json:"https_port"`
		Leaf         port      `json:"leaf"`
		Websocket    port      `json:"websocket"`
		MQTT         port      `json:"mqtt"`
		Start        time.Time `json:"start"`
		ConfigLoaded time.Time `json:"config_load_time"`
		System       string    `json:"system_account"`
		MaxConns     int       `json:"max_connections"`
		MaxPayload   int64     `json:"max_payload"`
		Tags         []string  `json:"tags"`
		Cluster      struct {
			Host string `json:"addr"`
			Port int    `json:"cluster_port"`
		} `json:"cluster"`
	}
	operators, ok := decodeOperators(r.data)
	if !ok || json.Unmarshal(r.data, &v) != nil {
		return Details{}, false
	}
	d := Details{
		Server: r.server, Go: clip(v.Go, maxName), Listen: []Listener{}, ConnectURLs: clipAll(v.ConnectURLs), TLS: v.TLS,
		Start: v.Start, ConfigLoaded: v.ConfigLoaded, Operators: operators, SystemAccount: clip(v.System, maxName),
		MaxConns: v.MaxConns, MaxPayload: v.MaxPayload, Tags: clipAll(v.Tags),
	}
	for _, l := range []Listener{
		{"clients", v.Host, v.Port},
		{"routes", v.Cluster.Host, v.Cluster.Port},
		{"leaf nodes", v.Leaf.Host, v.Leaf.Port},
		{"websocket", v.Websocket.Host, v.Websocket.Port},
		{"mqtt", v.MQTT.Host, v.MQTT.Port},
		{"monitoring", v.HTTPHost, max(v.HTTPPort, v.HTTPSPort)},
	} {
		if l.Port > 0 {
			l.Host = clip(l.Host, maxName)
			d.Listen = append(d.Listen, l)
		}
	}
	return d, true
}

// clipAll bounds a list of short texts.
func clipAll(list []string) []string {
	clipped := []string{}
	for _, s := range list[:min(len(list), maxStrings)] {
		clipped = append(clipped, clip(s, maxName))
	}
	return clipped
}
