package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nkeep/claims"
	"nkeep/keystore"

	"github.com/nats-io/jwt/v2"
)

// The files in testdata/sample were made with the libraries alone, and compared by
// hand with what nsc writes: the tokens bare and without a line break, the
// activation and the creds decorated. What they say stands here once more.
const (
	sampleOperator = `{"jti":"4N5GHNONFJQ2BAPYNXHPSFFA6XL4S4LX3RPKFXDGT5FZGKODVQSQ","iat":1795783637,` +
		`"iss":"OCFIRY65OQE7DFP5KLNS2PF2LVZMUZYJX4OZIEQ36N2IQANUB5XVYOCS","name":"ACME","sub":"OCFIRY65OQE7DFP5KLNS2PF2LVZMUZYJX4OZIEQ36N2IQANUB5XVYOCS",` +
		`"nats":{"operator_service_urls":["nats://localhost:4222"],"type":"operator","version":2}}`
	sampleAccount = `{"jti":"WZ3E7SCEUOEMYPPBQPL2AQXDOJ277ZFRJ5CKCGT7U7KTIEG4W2WA","iat":1795783637,` +
		`"iss":"OCFIRY65OQE7DFP5KLNS2PF2LVZMUZYJX4OZIEQ36N2IQANUB5XVYOCS","name":"ORDERS","sub":"ACATS5YOVB6ROX2WUNKGNQ2MP3GMXDMKSG2O4N5CLX3A6W4PZGZZIL2R",` +
		`"nats":{"exports":[{"name":"help","subject":"help","type":"service","token_req":true}],` +
		`"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1},` +
		`"default_permissions":{"pub":{},"sub":{}},"authorization":{},"type":"account","version":2}}`
	sampleUser = `{"jti":"IK6YMETN2VPVGNOVLI6WMTUL2DULNS6DC6GSHKGA2YKHPR7QLXWQ","iat":1795783637,` +
		`"iss":"ACATS5YOVB6ROX2WUNKGNQ2MP3GMXDMKSG2O4N5CLX3A6W4PZGZZIL2R","name":"shop","sub":"UDFJHLAXAUMHA4OWPOB4P7YO72AQR2HMIUYFOXLXE2DZGM633K7HYREV",` +
		`"nats":{"pub":{"allow":["orders.\u003e"]},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2}}`
	sampleActivation = `{"jti":"RMXMILT6JJ4G45IFXU6U2GCYX7RPSKR7NYH7QUJA7WBQID5MAR7A","iat":1795783637,` +
		`"iss":"ACATS5YOVB6ROX2WUNKGNQ2MP3GMXDMKSG2O4N5CLX3A6W4PZGZZIL2R","name":"help","sub":"ADWUSKGGFDI4FRXK5EBTRECZSVQSSWJHHJOGH6JWG3AUMFFMQ435D6HD",` +
		`"nats":{"subject":"help","kind":"service","type":"activation","version":2}}`
)

func TestSample(t *testing.T) {
	t.Parallel()
	oc, err := claims.VerifyOperator(sample(t, "operator.jwt"))
	says(t, oc, err, sampleOperator)
	ac, err := claims.VerifyAccount(sample(t, "account.jwt"), oc, false)
	says(t, ac, err, sampleAccount)
	uc, err := claims.VerifyUser(sample(t, "user.jwt"), ac)
	says(t, uc, err, sampleUser)
	token, err := jwt.ParseDecoratedJWT([]byte(sample(t, "activation.jwt")))
	if err != nil {
		t.Fatal(err)
	}
	act, err := claims.VerifyActivation(token, ac)
	says(t, act, err, sampleActivation)
}

// TestSampleCreds reads creds, and makes the same file of what they hold.
func TestSampleCreds(t *testing.T) {
	t.Parallel()
	creds := sample(t, "shop.creds")
	token, pair, err := keystore.ParseCreds([]byte(creds))
	if err != nil {
		t.Fatal(err)
	}
	if token = strings.TrimSpace(token); token != sample(t, "user.jwt") {
		t.Errorf("holds the token %s", token)
	}
	for name, format := range map[string]func() ([]byte, error){
		"Format":    func() ([]byte, error) { return keystore.Format(token, pair) },
		"FormatOwn": func() ([]byte, error) { return keystore.FormatOwn(token, pair) },
	} {
		if made, err := format(); err != nil || string(made) != creds {
			t.Errorf("%s makes %s, %v", name, made, err)
		}
	}
}

func sample(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "sample", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func says(t *testing.T, c jwt.Claims, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(c); err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}
