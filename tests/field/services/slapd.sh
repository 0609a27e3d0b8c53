# shellcheck shell=bash disable=SC2034
PACKAGES='slapd ldap-utils'
HOW='a directory of 2,000 entries, searches'
start() {
	mkdir "$DIR/db"
	cat >"$DIR/slapd.conf" <<END
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=example"
rootdn "cn=admin,dc=example"
rootpw secret
directory $DIR/db
END
	serve slapd -d 0 -f "$DIR/slapd.conf" -h "ldap://127.0.0.1:$PORT"
	wait_for listens "$PORT" || return
	{
		printf '%s\n' 'dn: dc=example' 'objectClass: dcObject' \
			'objectClass: organization' 'o: example' 'dc: example' ''
		seq 2000 | awk '{ print "dn: cn=p" $1 ",dc=example"
			print "objectClass: person\ncn: p" $1 "\nsn: " $1 "\n" }'
	} | ldapadd -x -H "ldap://127.0.0.1:$PORT" -D cn=admin,dc=example \
		-w secret >"$DIR/prepare.out" 2>&1
}
load() {
	# shellcheck disable=SC2016 # for that shell
	generate bash -c 'trap "exit 0" TERM INT
		while ldapsearch -x -LLL -z none -H "$0" -b dc=example \
			"(cn=p1*)" >/dev/null; do :; done' \
		"ldap://127.0.0.1:$PORT"
}
errors() {
	grep -c "^ldap_" "$DIR/load.out"
}
