package cmd

import "testing"

func TestContextSecrets(t *testing.T) {
	for _, tc := range []struct {
		nc             natsContext
		list, want, as string
	}{
		{natsContext{}, "nats://a", "nats://a", "nats://a"},
		{natsContext{User: "me", Password: "hush"}, "nats://a, nats://b:1", "nats://me:hush@a,nats://me:hush@b:1", "nats://me:xxxxx@a,nats://me:xxxxx@b:1"},
		{natsContext{User: "me", Password: "hush"}, "nats://you:x@a", "nats://you:x@a", "nats://you:xxxxx@a"},
		{natsContext{Token: "hush"}, "tls://a", "tls://hush@a", "tls://xxxxx@a"},
	} {
		got := tc.nc.withSecret(tc.list)
		if got != tc.want || redactURLs(got) != tc.as {
			t.Errorf("%v: %q, shown as %q", tc.nc, got, redactURLs(got))
		}
	}
}

func TestTargets(t *testing.T) {
	for _, good := range []string{"nats://a", "tls://a:1,tls://b:1", "ws://a", "wss://a", "http://a/jwt/v1", "nats://a, nats://b"} {
		if err := checkTarget(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"a:4222", "foo://a", "nats://", "nats://a,", "http://a,http://b", "nats://a,file:///x"} {
		if err := checkTarget(bad); exitCode(err) != exitUsage {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
