# What does not fit together is refused when the plan is made, each with its place and the nearest name.
printf 'id,name,photo\n1,Ann,in/a.jpg\n' >people.csv
try() { # try WHAT STAGES [SOURCE] [STORE]
	local source='{ store: people, key: id }' store='{ csv: { path: people.csv } }'
	echo "--- $1"
	cat >test.yaml <<-YAML
		name: test
		stores:
		  people: ${4:-$store}
		source:
		  table: ${3:-$source}
		stages:
		$2
	YAML
	nightmill check test.yaml >/dev/null; echo "exit $?"
}
thumbnail='  - thumbnail: { sizes: [ { name: s, width: 9, height: 9 } ], from: "{photo}", to: "out/{id}.jpg" }'
split='  - split: { field: name, as: one }'
{
	try fine "$split
$thumbnail"
	try 'head behind tail' "$thumbnail
$split"
	try 'unknown field' '  - split: { field: nmae, as: one }'
	try 'unknown field of the tail' '  - thumbnail: { sizes: [ { name: s, width: 9, height: 9 } ], from: "{phto}", to: "out/{nme}.jpg" }'
	try 'field of a later stage' "  - split: { field: one, as: two }
$split"
	try 'field that is there' '  - split: { field: name, as: id }'
	try 'no separator' '  - split: { field: name, as: one, separator: "" }'
	try 'unknown store' "$thumbnail" '{ store: peple, key: id }'
	try 'unknown key' "$thumbnail" '{ store: people, key: email }'
	try 'wrong conditions' "$thumbnail" '{ store: people, key: id, where: [ { field: nme, is: [a] }, { field: id }, { field: id, is: [a], is_not: [b] } ] }'
	try 'no such file' "$thumbnail" '' '{ csv: { path: absent.csv } }'
	try 'unknown kind of store' "$thumbnail" '' '{ cvs: { path: people.csv } }'
	printf 'id,name,id\n' >twice.csv
	try 'two columns of a name' "$thumbnail" '' '{ csv: { path: twice.csv } }'
	: >empty.csv
	try 'empty file' "$thumbnail" '' '{ csv: { path: empty.csv } }'
} 2>&1
