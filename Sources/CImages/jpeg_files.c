#include "image_files.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

struct failure {
  struct jpeg_error_mgr manager;
  jmp_buf jump;
  char *message;
};

static void leave(j_common_ptr jpeg) {
  struct failure *failure = (struct failure *)jpeg->err;
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  snprintf(failure->message, IMAGE_MESSAGE_SIZE, "%s", text);
  longjmp(failure->jump, 1);
}

/* A file that ends early is only a warning to libjpeg, which fills the image up with grey. */
static void warn(j_common_ptr jpeg, int level) {
  if (level < 0 && jpeg->err->msg_code == JWRN_JPEG_EOF) leave(jpeg);
}

static void be_silent(j_common_ptr jpeg) { (void)jpeg; }

static struct jpeg_error_mgr *prepare(struct failure *failure, char *message) {
  message[0] = 0;
  failure->message = message;
  jpeg_std_error(&failure->manager);
  failure->manager.error_exit = leave;
  failure->manager.emit_message = warn;
  failure->manager.output_message = be_silent;
  return &failure->manager;
}

static void start(struct jpeg_decompress_struct *jpeg, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(jpeg);
  jpeg_mem_src(jpeg, bytes, count);
  jpeg_read_header(jpeg, TRUE);
  switch (jpeg->num_components) {
    case 1: jpeg->out_color_space = JCS_GRAYSCALE; break;
    case 3: jpeg->out_color_space = JCS_RGB; break;
    case 4: jpeg->out_color_space = JCS_CMYK; break;
    default: ERREXIT2(jpeg, JERR_COMPONENT_COUNT, jpeg->num_components, 4);
  }
}

static void decode(struct jpeg_decompress_struct *jpeg, uint8_t *pixels, size_t capacity) {
  jpeg_start_decompress(jpeg);
  size_t stride = (size_t)jpeg->output_width * jpeg->output_components;
  if (stride * jpeg->output_height != capacity) ERREXIT(jpeg, JERR_BUFFER_SIZE);
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = pixels + jpeg->output_scanline * stride;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
  if (jpeg->out_color_space == JCS_CMYK) {
    for (size_t index = 0; index < capacity; index++) pixels[index] = 255 - pixels[index];
  }
  jpeg_finish_decompress(jpeg);
}

/* The header, the pixels, or both: what is NULL is left out. */
static int read_file(const uint8_t *bytes, size_t count, struct jpeg_header *header, uint8_t *pixels, size_t capacity,
                     char *message) {
  struct jpeg_decompress_struct jpeg;
  struct failure failure;
  memset(&jpeg, 0, sizeof jpeg);
  jpeg.err = prepare(&failure, message);
  if (setjmp(failure.jump)) {
    jpeg_destroy_decompress(&jpeg);
    return 1;
  }
  start(&jpeg, bytes, count);
  if (header) *header = (struct jpeg_header){jpeg.image_width, jpeg.image_height, jpeg.num_components};
  if (pixels) decode(&jpeg, pixels, capacity);
  jpeg_destroy_decompress(&jpeg);
  return 0;
}

int jpeg_read_header_of(const uint8_t *bytes, size_t count, struct jpeg_header *header, char *message) {
  return read_file(bytes, count, header, NULL, 0, message);
}

int jpeg_read_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t capacity, char *message) {
  return read_file(bytes, count, NULL, pixels, capacity, message);
}

/* Buffers that change between setjmp and longjmp live here, so that none is kept in a register. */
struct written {
  unsigned char *bytes;
  unsigned long count;
};

int jpeg_write(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t **result,
               size_t *result_count, char *message) {
  struct jpeg_compress_struct jpeg;
  struct failure failure;
  struct written *written = calloc(1, sizeof *written);
  *result = NULL;
  *result_count = 0;
  if (!written) {
    snprintf(message, IMAGE_MESSAGE_SIZE, "no memory");
    return 1;
  }
  memset(&jpeg, 0, sizeof jpeg);
  jpeg.err = prepare(&failure, message);
  if (setjmp(failure.jump)) {
    jpeg_destroy_compress(&jpeg);
    free(written->bytes);
    free(written);
    return 1;
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &written->bytes, &written->count);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg); /* 4:2:0, slow integer DCT */
  jpeg.optimize_coding = TRUE;
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)jpeg.next_scanline * width * 3);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  *result = written->bytes;
  *result_count = written->count;
  free(written);
  return 0;
}
