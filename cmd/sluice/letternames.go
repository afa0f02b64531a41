package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sluice/cmd/sluice/internal/config"
	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// checkNames finds stages and codes of a filter that nobody knows: neither sluice
// nor the letters that are there, which a program with stages of its own may have
// stored. The error is an *api.ParameterError.
func checkNames(ctx context.Context, s deadletter.Store, f pipeline.LetterFilter) error {
	stages := []string{"ingest", config.StageValidate, config.StageEnrich, config.StagePersist}
	var codes []string
	for _, c := range pipeline.Codes() {
		codes = append(codes, string(c))
	}
	if unknownName(stages, f.Stages) == "" && unknownName(codes, f.Codes) == "" {
		return nil
	}
	held, err := s.Stats(ctx, pipeline.LetterFilter{})
	if err != nil {
		return err
	}
	for _, h := range held {
		stages, codes = append(stages, h.Stage), append(codes, h.Code)
	}
	for _, c := range []struct {
		parameter    string
		known, asked []string
	}{{"stage", stages, f.Stages}, {"code", codes, f.Codes}} {
		if name := unknownName(c.known, c.asked); name != "" {
			return &api.ParameterError{Parameter: c.parameter, Message: noSuchName(c.parameter, name, c.known)}
		}
	}
	return nil
}

// unknownName returns the first of names that is not known, or "".
func unknownName(known, names []string) string {
	for _, n := range names {
		if !slices.Contains(known, n) {
			return n
		}
	}
	return ""
}

func noSuchName(parameter, name string, known []string) string {
	text := fmt.Sprintf("no %s is called %q, and no dead letter has it", parameter, name)
	if near := config.Nearest(name, known); near != "" {
		text += fmt.Sprintf("; did you mean %s?", near)
	} else {
		text += ";"
	}
	slices.Sort(known)
	return text + " expected one of " + strings.Join(slices.Compact(known), ", ")
}
