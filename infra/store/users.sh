#!/bin/sh
# Makes the lake's users on a MinIO, each with its policy. Safe to run again: it brings everything to what the files say.
#
# STORE_URL     address of the store, http://store:9000
# SECRETS       folder that `ingot credentials` filled
#
# Needs `mc` and a shell, nothing else: a store's image has no more.
set -eu

read_secret() { # the first line of a file, with a line end or without
  line=
  IFS= read -r line <"$SECRETS/$1" || :
  [ -n "$line" ] || {
    echo "$SECRETS/$1 is missing or empty. Run: ingot credentials" >&2
    exit 1
  }
  printf '%s' "$line"
}

# The environment, not the command line: every user of a machine can read command lines.
root_user=$(read_secret store/root_user)
root_password=$(read_secret store/root_password)
export MC_HOST_store="${STORE_URL%%://*}://$root_user:$root_password@${STORE_URL#*://}"

for role in generator cleaner aggregator scheduler dashboard operator; do
  user=$(read_secret "$role/access_key")
  password=$(read_secret "$role/secret_key")
  policy=ingot-may-$role
  mc --quiet admin policy create store "$policy" "$SECRETS/policies/$role.json" >/dev/null
  printf '%s\n%s\n' "$user" "$password" | mc --quiet admin user add store >/dev/null
  # To attach what is attached already is an error.
  case $(mc --json admin user info store "$user") in
    *"$policy"*) ;;
    *) mc --quiet admin policy attach store "$policy" --user "$user" >/dev/null ;;
  esac
  echo "user $user: policy $policy"
done
