package resolver

import (
	"encoding/json"
	"strings"
	"time"
)

// Bounds of what a server may tell us, in bytes unless named otherwise.
const (
	maxReply   = 8 << 20 // a list of more than 100,000 account ids
	maxMessage = 512
	maxName    = 256
	maxServers = 4096    // servers
	maxListed  = 1 << 20 // account ids, of all servers together
	maxKnown   = 1 << 17 // different ones
)

// Server is one nats-server, as it names itself in its answers.
type Server struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Host      string `json:"host,omitempty"`
	Cluster   string `json:"cluster,omitempty"`
	Version   string `json:"version,omitempty"`
	JetStream bool   `json:"jetstream"`
}

// serverInfo is a Server in the server's own spelling.
type serverInfo struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Host      string    `json:"host"`
	Cluster   string    `json:"cluster"`
	Version   string    `json:"ver"`
	JetStream bool      `json:"jetstream"`
	Time      time.Time `json:"time"`
}

func (i serverInfo) server() Server {
	return Server{
		ID:        clip(i.ID, maxName),
		Name:      clip(i.Name, maxName),
		Host:      clip(i.Host, maxName),
		Cluster:   clip(i.Cluster, maxName),
		Version:   clip(i.Version, maxName),
		JetStream: i.JetStream,
	}
}

// reply is one server's answer to a request. Exactly one of data and fault is set.
type reply struct {
	server Server
	data   json.RawMessage
	fault  *fault
}

// fault is the error part of an answer. Account is set by claim requests only;
// it is "n/a" when the server could not decode the claims.
type fault struct {
	Account     string `json:"account"`
	Code        int    `json:"code"`
	Description string `json:"description"`
}

// decodeReply reads the envelope {server, data, error} of the $SYS services;
// it takes only what a named server said and is either data or an error.
func decodeReply(data []byte) (r reply, ok bool) {
	var envelope struct {
		Server serverInfo      `json:"server"`
		Data   json.RawMessage `json:"data"`
		Error  *fault          `json:"error"`
	}
	if len(data) > maxReply || json.Unmarshal(data, &envelope) != nil {
		return reply{}, false
	}
	if envelope.Server.ID == "" || envelope.Server.Name == "" {
		return reply{}, false
	}
	if string(envelope.Data) == "null" { // servers send it beside an error
		envelope.Data = nil
	}
	if (envelope.Error == nil) == (envelope.Data == nil) {
		return reply{}, false
	}
	return reply{envelope.Server.server(), envelope.Data, envelope.Error}, true
}

// clip returns valid UTF-8 of at most limit bytes.
func clip(s string, limit int) string {
	return strings.ToValidUTF8(strings.Clone(s[:min(len(s), limit)]), "") // which keeps nothing of the rest
}
