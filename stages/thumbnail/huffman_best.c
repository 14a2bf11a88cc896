#include "stages/thumbnail/huffman_best.h"

#include <stdlib.h>
#include <string.h>

/* A leaf more than there are symbols: what has the code of ones alone, and is never written. It
 * counts nothing, so it is among the longest. */
enum { HUFFMAN_LEAVES = HUFFMAN_SYMBOLS + 1 };

struct huffman_leaf {
	uint32_t count;
	int symbol; /* -1: none */
};

/* Leaves in rising order, then what they are joined to: each of its two has a lower index. */
struct huffman_tree {
	struct huffman_leaf leaves[HUFFMAN_LEAVES];
	int leaf_count;
	uint32_t counts[2 * HUFFMAN_LEAVES];
	int parents[2 * HUFFMAN_LEAVES];
};

static int huffman_compare(const void *left, const void *right)
{
	const struct huffman_leaf *a = left, *b = right;
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return a->symbol - b->symbol;
}

static void huffman_sort(struct huffman_tree *tree, const uint32_t counts[HUFFMAN_SYMBOLS])
{
	tree->leaves[0] = (struct huffman_leaf){ 0, -1 };
	tree->leaf_count = 1;
	for (int i = 0; i < HUFFMAN_SYMBOLS; i++)
		if (counts[i])
			tree->leaves[tree->leaf_count++] = (struct huffman_leaf){ counts[i], i };
	qsort(tree->leaves, (size_t)tree->leaf_count, sizeof(*tree->leaves), huffman_compare);
}

/* The one that counts less of the next leaf and the next join; both are in rising order. */
static int huffman_least(const struct huffman_tree *tree, int *leaf, int *join, int end)
{
	if (*leaf < tree->leaf_count &&
		(*join == end || tree->counts[*leaf] <= tree->counts[*join]))
		return (*leaf)++;
	return (*join)++;
}

/* Returns the root. */
static int huffman_join(struct huffman_tree *tree)
{
	const int root = 2 * tree->leaf_count - 2;
	int leaf = 0, join = tree->leaf_count;
	for (int i = 0; i < tree->leaf_count; i++)
		tree->counts[i] = tree->leaves[i].count;
	for (int end = tree->leaf_count; end <= root; end++) {
		const int a = huffman_least(tree, &leaf, &join, end);
		const int b = huffman_least(tree, &leaf, &join, end);
		tree->counts[end] = tree->counts[a] + tree->counts[b];
		tree->parents[a] = tree->parents[b] = end;
	}
	return root;
}

/* How many leaves there are of each depth, which is below their number. */
static void huffman_depths(const struct huffman_tree *tree, int root, int of[HUFFMAN_LEAVES])
{
	int depths[2 * HUFFMAN_LEAVES];
	depths[root] = 0;
	for (int i = root - 1; i >= 0; i--) {
		depths[i] = depths[tree->parents[i]] + 1;
		if (i < tree->leaf_count)
			of[depths[i]]++;
	}
}

/* ITU T.81, figure K.3: of two codes that are too long one moves up to where their common beginning
 * ends, the other next to one from above, which makes room by growing a bit. */
static void huffman_shorten(int of[HUFFMAN_LEAVES], int longest)
{
	for (int length = longest; length > HUFFMAN_LONGEST; length--)
		while (of[length] > 0) {
			int above = length - 2;
			while (of[above] == 0)
				above--;
			of[length] -= 2;
			of[length - 1]++;
			of[above + 1] += 2;
			of[above]--;
		}
}

void huffman_best(const uint32_t counts[HUFFMAN_SYMBOLS], JHUFF_TBL *table)
{
	struct huffman_tree tree;
	int of[HUFFMAN_LEAVES] = { 0 };
	huffman_sort(&tree, counts);
	huffman_depths(&tree, huffman_join(&tree), of);
	huffman_shorten(of, tree.leaf_count - 1);
	int longest = HUFFMAN_LONGEST;
	while (longest > 0 && of[longest] == 0)
		longest--;
	of[longest]--;
	memset(table->bits, 0, sizeof(table->bits));
	for (int length = 1; length <= longest; length++)
		table->bits[length] = (UINT8)of[length];
	for (int i = 1; i < tree.leaf_count; i++)
		table->huffval[i - 1] = (UINT8)tree.leaves[tree.leaf_count - i].symbol;
}
