/* A bare loop of libjpeg-turbo: what the machine can do at best when two processes decode at a
 * time. Reads every JPEG into memory, then decodes each as a thumbnail of SIDE px needs it (largest
 * of 1/8, 1/4, 1/2 that leaves 1.5 times the side), by PROCESSES children that take the next
 * picture from a shared counter. Prints "wall SECONDS cpu SECONDS".
 *
 *     decode PROCESSES SIDE FILE... */

#include <fcntl.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jpeglib.h>

struct picture {
	unsigned char *data;
	size_t length;
};

static struct picture picture_read(const char *path)
{
	struct picture picture = { NULL, 0 };
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) < 0) {
		perror(path);
		exit(2);
	}
	picture.length = (size_t)status.st_size;
	picture.data = malloc(picture.length);
	if (!picture.data || read(file, picture.data, picture.length) != status.st_size) {
		perror(path);
		exit(2);
	}
	close(file);
	return picture;
}

static void picture_give_up(j_common_ptr jpeg)
{
	longjmp(*(jmp_buf *)jpeg->client_data, 1);
}

static void picture_stay_silent(j_common_ptr jpeg, int level)
{
	(void)jpeg;
	(void)level;
}

static unsigned picture_denominator(const struct jpeg_decompress_struct *jpeg, unsigned side)
{
	unsigned longer =
		jpeg->image_width > jpeg->image_height ? jpeg->image_width : jpeg->image_height;
	unsigned denominator = 8;
	while (denominator > 1 && longer / denominator * 2 < side * 3)
		denominator /= 2;
	return denominator;
}

static void picture_decode(const struct picture *picture, unsigned side)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jmp_buf gone;
	jpeg.err = jpeg_std_error(&errors);
	errors.error_exit = picture_give_up;
	errors.emit_message = picture_stay_silent;
	jpeg.client_data = &gone;
	jpeg_create_decompress(&jpeg);
	if (setjmp(gone) == 0) {
		jpeg_mem_src(&jpeg, picture->data, picture->length);
		jpeg_read_header(&jpeg, TRUE);
		jpeg.scale_num = 1;
		jpeg.scale_denom = picture_denominator(&jpeg, side);
		jpeg_start_decompress(&jpeg);
		JSAMPARRAY row = jpeg.mem->alloc_sarray((j_common_ptr)&jpeg, JPOOL_IMAGE,
			jpeg.output_width * (unsigned)jpeg.output_components, 1);
		while (jpeg.output_scanline < jpeg.output_height)
			jpeg_read_scanlines(&jpeg, row, 1);
		jpeg_finish_decompress(&jpeg);
	}
	jpeg_destroy_decompress(&jpeg);
}

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of_cpu(void)
{
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: decode PROCESSES SIDE FILE...\n");
		return 2;
	}
	int count = argc - 3;
	long processes = strtol(argv[1], NULL, 10);
	unsigned side = (unsigned)strtoul(argv[2], NULL, 10);
	struct picture *pictures = calloc((size_t)count, sizeof(*pictures));
	atomic_int *next = mmap(
		NULL, sizeof(*next), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!pictures || next == MAP_FAILED || processes < 1) {
		free(pictures);
		return 2;
	}
	for (int i = 0; i < count; i++)
		pictures[i] = picture_read(argv[3 + i]);
	double started = seconds_now();
	for (long child = 0; child < processes; child++) {
		if (fork() != 0)
			continue;
		for (int i; (i = atomic_fetch_add(next, 1)) < count;)
			picture_decode(&pictures[i], side);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < count; i++)
		free(pictures[i].data);
	free(pictures);
	printf("wall %.4f cpu %.4f\n", seconds_now() - started, seconds_of_cpu());
	return 0;
}
