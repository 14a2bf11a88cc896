# The reference in the repository is what the program says of itself (`make reference` writes it).
nightmill list --reference | diff "$ROOT/configs/REFERENCE.md" - && echo 'as the program says'
