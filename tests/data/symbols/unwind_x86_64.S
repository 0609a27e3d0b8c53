/* What .eh_frame says of each instruction is in its label's name. */
	.text
	.globl	entry, pushed, after_pop, by_frame, uncovered, behind_uncovered
	.globl	last_byte
	.type	entry, @function
	.p2align 4
	.fill	16, 1, 0x90
entry:
	.cfi_startproc
	nop
	nop
	push	%rbp
	.cfi_def_cfa_offset 16
pushed:
	nop
	nop
	pop	%rbp
	.cfi_def_cfa_offset 8
after_pop:
	nop
	nop
	push	%rbp
	.cfi_def_cfa_offset 16
	mov	%rsp, %rbp
	.cfi_def_cfa_register 6
by_frame:
	nop
	nop
	leave
	.cfi_def_cfa 7, 8
last_byte:
	ret
	.cfi_endproc
	.size	entry, . - entry
	.fill	16, 1, 0x90
uncovered:
	nop
	nop
	.fill	16, 1, 0x90
	.type	behind, @function
behind:
	.cfi_startproc
	.cfi_def_cfa_offset 24
	nop
	.cfi_endproc
behind_uncovered:
	nop
	.section .note.GNU-stack, "", @progbits
