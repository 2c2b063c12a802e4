package render

import "strings"

// What the fields of claims are called. The views of claims head their rows and
// columns with these names, and [Text.Changes] says by them what changed.
const (
	labelAccountServer    = "Account JWT Server"
	labelAccountToken     = "Account Token"
	labelActivation       = "Activation"
	labelAdvertise        = "Advertise"
	labelAllowTrace       = "Allow Trace"
	labelAudience         = "Audience"
	labelBearer           = "Bearer Token"
	labelBearersAllowed   = "Bearer Tokens Allowed" //nolint:gosec // no credential
	labelCalloutAccounts  = "Auth Callout Accounts"
	labelCalloutKey       = "Auth Callout Key"
	labelCalloutUsers     = "Auth Callout Users"
	labelCluster          = "Cluster"
	labelClusterTraffic   = "Cluster Traffic"
	labelConnectionTimes  = "Connection Times"
	labelConnectionTypes  = "Connection Types"
	labelDefaults         = "Default Permissions"
	labelDescription      = "Description"
	labelExpires          = "Expires"
	labelFromAccount      = "From Account"
	labelID               = "ID" // of an operator, an account or a user
	labelInfoURL          = "Info URL"
	labelIssued           = "Issued"
	labelIssuedUntil      = "Issued Until"
	labelIssuer           = "Issuer ID"
	labelIssuerAccount    = "Issuer Account"
	labelJetStream        = "JetStream"
	labelKey              = "Key"
	labelLatency          = "Latency"
	labelLocal            = "Local"
	labelMaxAckPending    = "Max Ack Pending"
	labelMaxBytesRequired = "Max Bytes Required"
	labelMaxConnections   = "Max Connections"
	labelMaxConsumers     = "Max Consumers"
	labelMaxData          = "Max Data"
	labelMaxDisk          = "Max Disk Storage"
	labelMaxDiskStream    = "Max Disk per Stream"
	labelMaxExports       = "Max Exports"
	labelMaxImports       = "Max Imports"
	labelMaxLeafs         = "Max Leaf Node Connections"
	labelMaxMemory        = "Max Memory Storage"
	labelMaxMemoryStream  = "Max Memory per Stream"
	labelMaxPayload       = "Max Msg Payload"
	labelMaxResponses     = "Max Responses"
	labelMaxStreams       = "Max Streams"
	labelMaxSubscriptions = "Max Subscriptions"
	labelMinimumVersion   = "Minimum Server Version"
	labelName             = "Name"
	labelProxyRequired    = "Proxy Required"
	labelPubAllow         = "Pub Allow"
	labelPubDeny          = "Pub Deny"
	labelPublic           = "Public"
	labelRemote           = "Remote"
	labelRequireKeys      = "Require Signing Keys"
	labelResponse         = "Response"
	labelResponseTime     = "Response Time"
	labelRole             = "Role"
	labelServiceURLs      = "Operator Service URLs"
	labelShare            = "Share"
	labelSourceNetworks   = "Source Networks"
	labelSubAllow         = "Sub Allow"
	labelSubDeny          = "Sub Deny"
	labelSubject          = "Subject"
	labelSystemAccount    = "System Account"
	labelTags             = "Tags"
	labelTimesLocation    = "Times Location"
	labelTo               = "To"
	labelTraceSampling    = "Trace Sampling"
	labelTraceSubject     = "Trace Subject"
	labelType             = "Type"
	labelValidFrom        = "Valid From"
	labelWeight           = "Weight"
	labelWildcardExports  = "Wildcard Exports"

	// Lists, each of which has a table or rows of its own.
	labelExports     = "Exports"
	labelImports     = "Imports"
	labelMappings    = "Mappings"
	labelRevocations = "Revocations"
	labelSigningKeys = "Signing Keys"
)

// phrase is a label, or a value in words, as it stands inside of a line: in lower
// case, less what is written in capitals anyway (Info URL, 1.0 GB, JetStream).
func phrase(label string) string {
	words := strings.Split(label, " ")
	for i, word := range words {
		if word == "" || word[1:] != strings.ToLower(word[1:]) {
			continue
		}
		words[i] = strings.ToLower(word)
	}
	return strings.Join(words, " ")
}

// one is the phrase for a single element of a list.
func one(list string) string { return strings.TrimSuffix(phrase(list), "s") }

// word is how a field of claims reads.
type word struct {
	field string // its path in the JSON form of what it is a field of
	label string
	// reads is a value in words; nil is one that is not there.
	reads func(v any) string
	// usual is the value that goes without saying.
	usual string
}

type words []word

func (w words) find(field string) (word, bool) {
	for _, word := range w {
		if word.field == field {
			return word, true
		}
	}
	return word{}, false
}

// under are the words of fields that lie deeper.
func (w words) under(path string) words {
	deeper := make(words, len(w))
	for i, word := range w {
		word.field = path + word.field
		deeper[i] = word
	}
	return deeper
}

func join(lists ...words) (all words) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// claimWords are the fields of operators, accounts, users and activations, less
// those that have words of their own.
func claimWords() words {
	return join(
		words{
			asText("aud", labelAudience),
			{"exp", labelExpires, readExpiry, "never"},
			asText("iss", labelIssuer), asText("name", labelName),
			{"nbf", labelValidFrom, readTime, none},
			asText("sub", labelID),
			{"iat", labelIssued, readTime, none},
			asText("jti", "Token ID"),
			asText("nats.type", labelType), asText("nats.version", "Format Version"), asText("nats.tags", labelTags),
		},
		words{ // operators
			asText("nats.account_server_url", labelAccountServer), asText("nats.operator_service_urls", labelServiceURLs),
			asText("nats.system_account", labelSystemAccount), asText("nats.assert_server_version", labelMinimumVersion),
			asYes("nats.strict_signing_key_usage", labelRequireKeys),
		},
		words{ // accounts, and signing keys of operators
			asText("nats.description", labelDescription), asText("nats.info_url", labelInfoURL), asText("nats.signing_keys", labelSigningKeys),
			asText("nats.authorization.auth_users", labelCalloutUsers), asText("nats.authorization.allowed_accounts", labelCalloutAccounts),
			asText("nats.authorization.xkey", labelCalloutKey), asText("nats.trace.dest", labelTraceSubject),
			{"nats.trace.sampling", labelTraceSampling, readPercentage, none},
			asText("nats.cluster_traffic", labelClusterTraffic),
		},
		words{ // users and activations
			asText("nats.issuer_account", labelIssuerAccount), asText("nats.subject", labelSubject), asText("nats.kind", labelType),
		},
		rightWords().under("nats."),
	)
}

// rightWords are what users, and roles, may do.
func rightWords() words {
	return join(permissionWords(), words{
		asLimit("subs", labelMaxSubscriptions), asSize("data", labelMaxData), asSize("payload", labelMaxPayload),
		asYes("bearer_token", labelBearer), asYes("proxy_required", labelProxyRequired),
		asText("src", labelSourceNetworks), asText("allowed_connection_types", labelConnectionTypes),
		{"times", labelConnectionTimes, readTimeRange, none},
		asText("times_location", labelTimesLocation),
	})
}

func permissionWords() words {
	return words{
		asText("pub.allow", labelPubAllow), asText("pub.deny", labelPubDeny), asText("sub.allow", labelSubAllow), asText("sub.deny", labelSubDeny),
		{"resp.max", labelMaxResponses, readResponses, none},
		{"resp.ttl", labelResponseTime, readResponseTime, none},
	}
}

// limitWords are the limits of accounts, less those of JetStream.
func limitWords() words {
	return words{
		asLimit("conn", labelMaxConnections), asLimit("leaf", labelMaxLeafs), asSize("data", labelMaxData), asSize("payload", labelMaxPayload),
		asLimit("subs", labelMaxSubscriptions), asLimit("exports", labelMaxExports), asLimit("imports", labelMaxImports),
		{"wildcards", labelWildcardExports, readYes, "yes"},
		{"disallow_bearer", labelBearersAllowed, readNot, "yes"},
	}
}

func jetStreamWords() words {
	return words{
		{"mem_storage", labelMaxMemory, readStorage, ""},
		{"disk_storage", labelMaxDisk, readStorage, ""},
		{"streams", labelMaxStreams, readPositive, unlimited},
		{"consumer", labelMaxConsumers, readPositive, unlimited},
		{"max_ack_pending", labelMaxAckPending, readPositive, unlimited},
		{"mem_max_stream_bytes", labelMaxMemoryStream, readPositiveSize, unlimited},
		{"disk_max_stream_bytes", labelMaxDiskStream, readPositiveSize, unlimited},
		asYes("max_bytes_required", labelMaxBytesRequired),
	}
}

func exportWords() words {
	return words{
		asText("subject", labelSubject), asText("type", labelType),
		{"token_req", labelPublic, readNot, ""},
		asText("name", labelName),
		{"account_token_position", labelAccountToken, readPosition, none},
		{"response_type", labelResponse, readResponse, "Singleton"},
		{"response_threshold", labelResponse + " Within", readSpan, none},
		asText("service_latency.results", labelLatency),
		{"service_latency.sampling", labelLatency + " Sampling", readSampling, none},
		asYes("advertise", labelAdvertise), asYes("allow_trace", labelAllowTrace), asText("description", labelDescription), asText("info_url", labelInfoURL),
	}
}

func importWords() words {
	return words{
		asText("subject", labelRemote), asText("type", labelType), asText("account", labelFromAccount), asText("local_subject", labelLocal), asText("to", labelTo), asText("name", labelName),
		{"token", labelActivation, readActivation, none},
		asYes("share", labelShare), asYes("allow_trace", labelAllowTrace),
	}
}

func mappingWords() words {
	return words{asText("subject", labelTo), {"weight", labelWeight, readWeight, "100%"}, asText("cluster", labelCluster)}
}

// scopeWords are those of a signing key with a role.
func scopeWords() words {
	return join(words{asText("key", labelKey), asText("kind", "Kind"), asText("role", labelRole), asText("description", labelDescription)}, rightWords().under("template."))
}
