# A run that makes thumbnails of JPEGs loads none of the libraries that other stages and stores need.
config
picture in/a.jpg
LD_DEBUG=files LD_DEBUG_OUTPUT=loaded nightmill run test.yaml
cat loaded* | grep -o 'file=lib[^ ]*' | sort -u | grep -E 'libpq|libcurl|libldap|libgmime|libical|libhiredis|libvips|libtiff'
tree out
