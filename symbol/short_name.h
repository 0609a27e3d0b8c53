/**
 * @file short_name.h - shortens demangled names to the path of the function.
 *
 * Each appends the path of the function in @text to @sb: no parameters, no
 * template arguments, no return type. @text is as libiberty writes it; any
 * other text gives some text, never an error.
 */
#ifndef SYMBOL_SHORT_NAME_H
#define SYMBOL_SHORT_NAME_H

#include "base/strbuf.h"

/** "std::vector<int>::push_back" -> "std::vector::push_back". The parameters
 *  in "{lambda(int)#1}" stay: they are the only name it has. @text has no
 *  return type, and parameters only of enclosing functions. */
void short_name_cxx(struct strbuf *sb, const char *text);

/** "std::mem::swap::<u8>" -> "std::mem::swap"; "<T as Trait>::method" stays.
 *  For names of the v0 scheme; the old one has no arguments. */
void short_name_rust(struct strbuf *sb, const char *text);

/** "std.stdio.writeln!(int).writeln(int)" -> "std.stdio.writeln.writeln". */
void short_name_d(struct strbuf *sb, const char *text);

#endif
